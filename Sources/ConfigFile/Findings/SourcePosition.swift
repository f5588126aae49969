/// A position in a configuration.
package struct SourcePosition: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The file as the user named it, or `env:NAME`.
    package var file: String
    /// From 1; 0 means the file as a whole.
    package var line: Int
    /// In characters, from 1; 0 means the line or the file as a whole.
    package var column: Int

    package init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `FILE:LINE:COLUMN`, the form editors and terminals jump to.
    package var description: String {
        line == 0 ? printable(file, limit: 1024) : "\(printable(file, limit: 1024)):\(line):\(column)"
    }
}
