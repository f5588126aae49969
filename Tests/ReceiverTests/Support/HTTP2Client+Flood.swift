extension HTTP2Client {
    func ping() throws { try send(6, payload: [1, 2, 3, 4, 5, 6, 7, 8]) }

    /// A round trip, so that the server has processed everything before.
    func socketTurn() throws {
        let count = pingAcks.count
        try ping()
        try read { $0.pingAcks.count > count }
    }

    func waitForExports(_ count: Int, at sink: HeldSink) throws {
        while sink.count < count { try socketTurn() }
    }

    /// Repeats without reading, then reads until the server closes.
    func flood(_ times: Int = 2000, _ body: () throws -> Void) throws {
        for _ in 0..<times { try body() }
        try readToEnd()
    }
}
