internal import NIOCore

/// The address of a local collector that listens on every address.
enum Loopback {
    /// The host to connect to for a configured endpoint; if that means every address, `127.0.0.1`, or `::1` on a host
    /// without IPv4.
    static func host(for configured: String) -> String {
        guard ["", "0.0.0.0", "::"].contains(configured) else { return configured }
        // If the addresses cannot be listed, IPv4 is the better guess.
        guard let devices = try? System.enumerateDevices() else { return "127.0.0.1" }
        return devices.contains { $0.address?.ipAddress == "127.0.0.1" } ? "127.0.0.1" : "::1"
    }
}
