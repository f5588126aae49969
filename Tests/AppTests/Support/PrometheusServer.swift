import Foundation

/// Debian's Prometheus in its own process.
final class PrometheusServer {
    /// A page to scrape, and labels that all its series get.
    struct Target {
        var port: Int
        var labels: [String: String] = [:]
    }

    private(set) var program: RunningProgram
    private let port: Int
    private let folder: TemporaryFolder
    private let arguments: [String]

    /// Scrapes every second.
    /// - Parameter features: to be switched on.
    convenience init(scraping metricsPort: Int, features: [String] = []) throws {
        try self.init(scraping: [Target(port: metricsPort)], features: features)
    }

    /// - Parameters:
    ///   - interval: between scrapes, whole seconds.
    ///   - timeout: of one scrape, whole seconds.
    ///   - features: to be switched on.
    init(scraping targets: [Target], interval: Int = 1, timeout: Int = 1, features: [String] = []) throws {
        folder = try TemporaryFolder()
        port = try freePort()
        let list = targets.map { target in
            let labels = target.labels.map { "\($0): \"\($1)\"" }.joined(separator: ", ")
            return "{targets: [\"127.0.0.1:\(target.port)\"], labels: {\(labels)}}"
        }
        let file = try folder.write(
            """
            global: {scrape_interval: \(interval)s, scrape_timeout: \(timeout)s}
            scrape_configs:
              - job_name: odometer
                honor_labels: true
                static_configs: [\(list.joined(separator: ", "))]
            """, to: "prometheus.yml")
        arguments =
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(folder.url.appending(path: "data").path)",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ] + features.map { "--enable-feature=\($0)" }
        program = try RunningProgram("prometheus", arguments)
        try program.waitForPorts([port])
    }

    /// Ends it and starts it again with what it has stored.
    func restart() throws {
        program.stop()
        program = try RunningProgram("prometheus", arguments)
        try program.waitForPorts([port])
    }

    private struct Answer: Decodable {
        struct Data: Decodable {
            var result: [Element]
        }

        struct Element: Decodable {
            var metric: [String: String]
            /// The time, and the value as text; of an instant query.
            var value: [JSONValue]?
            /// The same for each sample; of a range of time.
            var values: [[JSONValue]]?
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

    /// The result of an instant query now; without elements without a numeric value.
    func query(_ expression: String) throws -> [ExpositionText.Sample] {
        try answer(to: expression).compactMap { element in
            guard let value = element.value.flatMap(Self.point)?.value else { return nil }
            return Self.sample(element.metric, value)
        }
    }

    /// The samples that are stored of one series, oldest first.
    struct History {
        /// The series with its newest value.
        var series: ExpositionText.Sample
        /// Seconds since 1970.
        var times: [Double]
        var values: [Double]

        /// The increase with resets, as in `increase()`, but without extrapolation.
        var increase: Double {
            zip(values, values.dropFirst()).map { $1 >= $0 ? $1 - $0 : $1 }.reduce(0, +)
        }

        var hasFallen: Bool { zip(values, values.dropFirst()).contains { $1 < $0 } }
        /// The longest time between two samples that are not 0, seconds: of `up`, between two scrapes that succeeded.
        var longestGap: Double {
            let met = zip(times, values).filter { $1 != 0 }.map(\.0)
            return zip(met, met.dropFirst()).map { $1 - $0 }.max() ?? 0
        }
    }

    /// All samples of the last ten minutes.
    func histories(_ selector: String) throws -> [History] {
        try answer(to: selector + "[10m]").compactMap { element in
            let points = (element.values ?? []).compactMap(Self.point)
            guard let last = points.last else { return nil }
            return History(
                series: Self.sample(element.metric, last.value), times: points.map(\.time), values: points.map(\.value))
        }
    }

    private func answer(to expression: String) throws -> [Answer.Element] {
        let encoded = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let reply = try HTTPClient.exchange(port: port, "GET", "/api/v1/query?query=\(encoded)")
        guard reply.status == 200 else { throw HTTPClient.Fault.malformed(reply.text) }
        return try JSONDecoder().decode(Answer.self, from: Data(reply.body)).data.result
    }

    private static func point(_ pair: [JSONValue]) -> (time: Double, value: Double)? {
        guard case .number(let time)? = pair.first, case .string(let text)? = pair.last, let value = Double(text)
        else { return nil }
        return (time, value)
    }

    private static func sample(_ metric: [String: String], _ value: Double) -> ExpositionText.Sample {
        var labels = metric
        let name = labels.removeValue(forKey: "__name__") ?? ""
        return ExpositionText.Sample(name: name, labels: labels, value: value)
    }
}

/// `promtool check metrics`.
enum Promtool {
    /// The result of promtool for a page.
    struct Verdict {
        /// 0: no findings; 1: invalid; 3: valid, but a name or help text is against conventions.
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
