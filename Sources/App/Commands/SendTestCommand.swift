internal import ArgumentParser
internal import ConfigFile
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Pipeline
internal import Platform

/// `odometer send-test`: sends a sample export to the running collector and shows the result on /metrics.
struct SendTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send-test",
        abstract: "Send a sample export to the running collector and show the result on /metrics.",
        discussion: """
            Sends three metrics of the service odometer-send-test over OTLP/HTTP to the first receiver of the \
            configuration, then reads the pages they should be on. Exits with 0 if they are there. Over TLS where the \
            configuration has it, and with its bearer token.
            """)

    @OptionGroup var configArguments: ConfigArguments

    @OptionGroup var clientArguments: ClientArguments

    @Option(help: "Where to send it instead: http://HOST:PORT or https://HOST:PORT, with or without a path.")
    var endpoint: String?

    @Option(help: "Page to read instead: http://HOST:PORT/metrics, or https.")
    var page: String?

    @Option(
        name: .customLong("header"), parsing: .singleValue,
        help: """
            A header of all requests, such as 'Authorization: Bearer TOKEN', in addition to those of the \
            configuration. May be repeated.
            """)
    var headers: [String] = []

    @Flag(help: "Send a log record as well.")
    var logs = false

    @Option(help: "Seconds to wait for each answer, and for the series to appear.")
    var timeout: Int = 10

    func validate() throws {
        guard (1...300).contains(timeout) else { throw ValidationError("--timeout: expected 1 to 300 seconds") }
        for header in headers where !header.dropFirst().contains(":") {
            throw ValidationError("--header: expected 'NAME: VALUE'")
        }
    }

    func run() throws {
        let config = try configArguments.load()
        let targets = try SendTestTargets(config, endpoint: endpoint, page: page)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let pages = try targets.pages.map { try request(to: $0, config) }
        let before = try pages.map { try SamplePage(read($0, on: group)) }
        let export = SampleExport(now: SystemClock().now())
        try send(export.metrics, request(to: targets.metrics, config), on: group)
        if logs { try send(export.logs, request(to: targets.logs, config), on: group) }
        for (page, before) in zip(pages, before) { try show(page, before: before, on: group) }
        print("remove it  odometer forget --yes 'job=\"\(SampleExport.service)\"'")
    }

    /// A request to a target, with TLS and credentials.
    private func request(to target: WebTarget, _ config: AppConfig) throws -> WebRequest {
        var request = WebRequest(address: target.address, timeout: .seconds(Int64(timeout)))
        request.tls = try target.encryption(clientArguments)
        for header in headers {
            let parts = header.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
            if let name = parts.first { request.headers.append((String(name), String(parts.last ?? ""))) }
        }
        if let known = try target.credentials(config),
            !request.headers.contains(where: { $0.name.lowercased() == known.name.lowercased() })
        {
            request.headers.append(known)
        }
        return request
    }

    private func send(_ body: String, _ request: WebRequest, on group: any EventLoopGroup) throws {
        let address = request.address
        var request = request
        request.headers.append(("Content-Type", "application/json"))
        request.method = .POST
        request.body = body
        let answer = try answer(to: request, on: group)
        let text = Self.printable(answer.text)
        guard answer.status == 200 else {
            throw SendTestFailure("\(address) answered \(answer.status)\(Self.advice(on: answer.status)): \(text)")
        }
        print("sent to    \(address) as service \(SampleExport.service)")
        print("answer     200 \(text)")
        guard !answer.text.contains("rejectedDataPoints") else {
            throw SendTestFailure("the collector rejected points: \(text)")
        }
    }

    /// The text of a response on one line.
    private static func printable(_ text: String) -> String {
        var line: [UInt8] = []
        LogText.appendEscaped(text.split(separator: "\n").joined(separator: " "), to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    private static func advice(on status: Int) -> String {
        switch status {
        case 401, 403:
            " (it requires authentication; add --header 'Authorization: Bearer TOKEN', or for a user "
                + "--header \"Authorization: Basic $(printf USER:PASSWORD | base64)\")"
        case 404: " (no pipeline accepts this signal, or its path differs)"
        case 429, 503: " (it refuses exports at the moment)"
        default: ""
        }
    }

    /// Waits until the page shows one run more than before, and prints it.
    private func show(_ request: WebRequest, before: SamplePage, on group: any EventLoopGroup) throws {
        let address = request.address
        let deadline = ContinuousClock.now + .seconds(timeout)
        var page = try SamplePage(read(request, on: group))
        // Another collector may count more slowly.
        while page.runs <= before.runs, ContinuousClock.now < deadline {
            usleep(200_000)
            page = try SamplePage(read(request, on: group))
        }
        print("shown on   \(address)")
        for line in page.lines { print("           \(line)") }
        guard page.runs > before.runs else {
            throw SendTestFailure(
                page.lines.isEmpty
                    ? "the export was accepted, but is not on \(address): a filter may drop it, the page may belong to "
                        + "another collector, or the pipeline has another exporter"
                    : "the export was accepted, but the counter on \(address) did not increase")
        }
    }

    private func read(_ request: WebRequest, on group: any EventLoopGroup) throws -> String {
        var request = request
        request.headers.append(("Accept", "text/plain"))
        request.lineMarks = [SampleExport.prefix, SampleExport.service]
        let answer = try answer(to: request, on: group)
        guard answer.status == 200 else {
            throw SendTestFailure("\(request.address) answered \(answer.status)\(Self.advice(on: answer.status))")
        }
        return answer.text
    }

    private func answer(to request: WebRequest, on group: any EventLoopGroup) throws -> WebRequest.Answer {
        do {
            return try request.answer(on: group).wait()
        } catch {
            throw SendTestFailure(
                "\(request.address) does not answer (\(Self.reason(error))); is the collector running with this configuration?"
            )
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return "the host name cannot be resolved"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: return "no answer in time"
        case ChannelError.eof: return "the connection was closed"
        case NIOSSLError.handshakeFailed, is NIOSSLExtraError:
            return "TLS failed: \(error); --ca-file sets the trusted authority"
        default: return "\(error)"
        }
    }
}

/// The part of a page about the sample.
struct SamplePage {
    /// Comments of its families and its samples.
    let lines: [String]
    /// The counter; 0 if it is not shown.
    let runs: Double

    /// - Parameter text: lines that may be about the sample.
    init(_ text: String) {
        lines = text.split(separator: "\n").map(String.init)
        // Names may have dots or underscores, a namespace, a unit and a suffix.
        runs = lines.reduce(0) { sum, line in
            guard !line.hasPrefix("#"),
                line.contains("\(SampleExport.prefix)_runs") || line.contains(SampleExport.counter),
                let end = line.lastIndex(of: "}") ?? line.firstIndex(of: " ")
            else { return sum }
            let fields = line[end...].dropFirst().split(separator: " ")
            return sum + (fields.first.flatMap { Double($0) } ?? 0)
        }
    }
}

/// Why the sample did not reach the page.
struct SendTestFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
