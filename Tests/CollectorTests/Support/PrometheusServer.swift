import Foundation

/// Debian's Prometheus in a process of its own, scraping one page every second.
final class PrometheusServer {
    let program: RunningProgram
    private let port: Int
    private let folder: TemporaryFolder

    /// - Parameter features: to be switched on.
    init(scraping metricsPort: Int, features: [String] = []) throws {
        folder = try TemporaryFolder()
        port = try freePort()
        let file = try folder.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: odometer
                honor_labels: true
                static_configs: [{targets: ["127.0.0.1:\(metricsPort)"]}]
            """, to: "prometheus.yml")
        program = try RunningProgram(
            "prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(folder.url.appending(path: "data").path)",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ] + features.map { "--enable-feature=\($0)" })
        try program.waitForPorts([port])
    }

    private struct Answer: Decodable {
        struct Data: Decodable {
            var result: [Element]
        }

        struct Element: Decodable {
            var metric: [String: String]
            /// The time, and the value as text.
            var value: [JSONValue]
        }

        var data: Data
    }

    /// The version of the program, such as 2.42.0.
    func version() throws -> String {
        struct Answer: Decodable {
            var data: [String: String]
        }

        let reply = try HTTPClient.exchange(port: port, "GET", "/api/v1/status/buildinfo")
        return try JSONDecoder().decode(Answer.self, from: Data(reply.body)).data["version"] ?? ""
    }

    /// What an instant query gives now; an element without a numeric value is left out.
    func query(_ expression: String) throws -> [ExpositionText.Sample] {
        let allowed = CharacterSet.alphanumerics
        let encoded = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let reply = try HTTPClient.exchange(port: port, "GET", "/api/v1/query?query=\(encoded)")
        guard reply.status == 200 else { throw HTTPClient.Fault.malformed(reply.text) }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(reply.body))
        return answer.data.result.compactMap { element in
            guard case .string(let text)? = element.value.last, let value = Double(text) else { return nil }
            var labels = element.metric
            let name = labels.removeValue(forKey: "__name__") ?? ""
            return ExpositionText.Sample(name: name, labels: labels, value: value)
        }
    }
}

/// `promtool check metrics`.
enum Promtool {
    /// What promtool says of a page.
    struct Verdict {
        /// 0: nothing to say; 1: it cannot be read; 3: it can be read, some name or help text is against custom.
        var status: Int32
        var messages: String
    }

    static func check(_ page: [UInt8]) throws -> Verdict {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "page")
        try Data(page).write(to: file)
        let run = try RunningProgram("sh", ["-c", "promtool check metrics < \"$0\"", file.path])
        guard case .exited(let status)? = run.waitForEnd() else { throw RunningProgram.Fault.notReady("promtool") }
        return Verdict(status: status, messages: run.standardOutput + run.standardError)
    }
}
