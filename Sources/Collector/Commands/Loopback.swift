#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Where commands find a collector of this machine that listens on every address.
enum Loopback {
    /// `127.0.0.1`; `::1` on a host without IPv4.
    static var host: String { hasIPv4 ? "127.0.0.1" : "::1" }

    /// What to connect to for the host of a configured endpoint.
    static func host(for configured: String) -> String {
        ["", "0.0.0.0", "::"].contains(configured) ? host : configured
    }

    private static var hasIPv4: Bool {
        #if canImport(Glibc)
        let type = Int32(SOCK_DGRAM.rawValue)
        #else
        let type = SOCK_DGRAM
        #endif
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Binding tells whether the address is there, and sends nothing.
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
