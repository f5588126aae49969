import ConfigFile
import Settings
import Testing

@testable import App

@Suite struct OpenFileLimitTests {
    @Test(
        "each listener has its own limit of connections, within the limit of open files",
        arguments: [
            (1024, 5, 1_048_576, 1024), (1024, 4, 1024, 224), (1024, 1, 1024, 896), (10, 4, 1024, 10),
            (1024, 4, 130, 1),
            (1024, 0, 1024, 896),
        ])
    func connectionsAreShared(wanted: Int, listeners: Int, openFiles: Int, connections: Int) {
        #expect(OpenFileLimit.connections(wanted, of: listeners, openFiles: openFiles) == connections)
    }

    @Test("fewer connections than configured are reported")
    func fewerConnectionsAreTold() throws {
        let capture = LogCapture()
        let config = AppConfig.embeddedDefault
        #expect(OpenFileLimit.fitted(config, openFiles: 1_000_000, log: capture.logger) == config)
        #expect(OpenFileLimit.fitted(config, openFiles: 1024, log: capture.logger).limits.server.maxConnections == 224)
        #expect(try capture.text().contains("connections=224 files=1024"))
    }
}
