package import NIOCore

/// Limits of one HTTP/2 connection, in addition to `ServerLimits`.
package struct HTTP2Limits: Sendable, Equatable {
    /// Calls at once on one connection, announced by SETTINGS_MAX_CONCURRENT_STREAMS. Default 256.
    package var maxConcurrentStreams: Int
    /// Bytes in flight of one call. Default 256 KiB.
    package var streamWindow: Int
    /// Bytes in flight of all calls of a connection. Default 1 MiB.
    package var connectionWindow: Int
    /// Bytes of incomplete messages of one connection; a call beyond it gets UNAVAILABLE. Default 64 MiB.
    package var heldBytes: Int
    /// Calls that the client may reset within `countingTime` (CVE-2023-44487). Default 1000.
    package var resets: Int
    /// PING, SETTINGS, PRIORITY and WINDOW_UPDATE frames beyond `controlFramesPerCall` that are accepted within
    /// `countingTime`. Default 1000, a hundred a second: keep-alive needs one every few seconds.
    package var controlFrames: Int
    /// DATA frames with fewer bytes that do not end a message count as such frames. Default 64.
    package var smallData: Int
    /// Frames of these kinds that belong to a call: clients that measure their bandwidth send a PING for each response.
    /// Default 10.
    package var controlFramesPerCall: Int
    /// Default 10 s.
    package var countingTime: TimeAmount

    package init(
        maxConcurrentStreams: Int = 256, streamWindow: Int = 256 << 10, connectionWindow: Int = 1 << 20,
        heldBytes: Int = 64 << 20, resets: Int = 1000, controlFrames: Int = 1000, smallData: Int = 64,
        controlFramesPerCall: Int = 10,
        countingTime: TimeAmount = .seconds(10)
    ) {
        self.maxConcurrentStreams = maxConcurrentStreams
        self.streamWindow = streamWindow
        self.connectionWindow = connectionWindow
        self.heldBytes = heldBytes
        self.resets = resets
        self.controlFrames = controlFrames
        self.smallData = smallData
        self.controlFramesPerCall = controlFramesPerCall
        self.countingTime = countingTime
    }
}
