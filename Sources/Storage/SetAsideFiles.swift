/// Files that were damaged and are kept under another name for inspection.
package enum SetAsideFiles {
    /// Removes those of a state directory: their content cannot be determined.
    /// - Returns: the names of the removed files.
    package static func remove(in directory: String) throws(StorageFailure) -> [String] {
        let names = ((try? FileSystem.names(in: directory)) ?? []).filter { $0.contains(".damaged-") }.sorted()
        for name in names { try FileSystem.remove(directory + "/" + name) }
        if !names.isEmpty { FileSystem.syncDirectory(directory) }
        return names
    }
}
