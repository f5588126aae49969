internal import NIOCore

/// Where commands find a collector of this machine that listens on every address.
enum Loopback {
    /// What to connect to for the host of a configured endpoint; for one that stands for every address `127.0.0.1`, or
    /// `::1` on a host without IPv4.
    static func host(for configured: String) -> String {
        guard ["", "0.0.0.0", "::"].contains(configured) else { return configured }
        // Where the addresses cannot be listed, IPv4 is the better guess.
        guard let devices = try? System.enumerateDevices() else { return "127.0.0.1" }
        return devices.contains { $0.address?.ipAddress == "127.0.0.1" } ? "127.0.0.1" : "::1"
    }
}
