internal import ArgumentParser

/// `odometer version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")

    func run() {
        print(Version.text)
    }
}
