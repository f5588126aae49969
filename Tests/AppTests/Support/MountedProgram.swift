import Foundation
import Testing

/// The built program in its own mount namespace (Linux), with a small file system in memory as state directory, which
/// behaves like a disk of that size.
final class MountedProgram {
    /// Whether this machine allows one.
    static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder(),
            let attempt = try? RunningProgram(
                "unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.url.path])
        else { return false }
        return attempt.waitForEnd() == .exited(0)
    }()

    let program: RunningProgram
    /// The path of the state directory from here.
    let state: String

    /// Starts it; does not wait.
    /// - Parameters:
    ///   - stateful: whose configuration and folder are used.
    ///   - directory: the name of the state directory in that folder.
    ///   - options: of the mount.
    init(_ stateful: StatefulProgram, directory: String = "state", options: String) throws {
        let mountPoint = stateful.folder.url.appending(path: directory)
        try FileManager.default.createDirectory(at: mountPoint, withIntermediateDirectories: true)
        let script = #"mount -t tmpfs -o "$1" tmpfs "$2" && exec "$3" "$4""#
        program = try RunningProgram(
            "unshare",
            ["-rm", "sh", "-c", script, "sh", options, mountPoint.path, OdometerProgram.path] + stateful.arguments,
            environment: OdometerProgram.environment, directory: stateful.folder.url.path)
        state = "/proc/\(program.processID)/root\(mountPoint.path)"
    }
}
