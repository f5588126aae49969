internal import NIOCore

/// Resolves a host and a port of the configuration.
enum ListenAddress {
    /// The addresses to try, in this order; the first that works is used.
    ///
    /// An empty host and 0.0.0.0 mean all addresses, as in the Collector: IPv6 includes IPv4, and a machine without
    /// IPv6 uses the second. `localhost` is not resolved, so that it is 127.0.0.1 on any system.
    static func candidates(host: String, port: Int) throws(ListenError) -> [SocketAddress] {
        guard (0...65535).contains(port) else { throw .invalidPort(port) }
        let hosts =
            host.isEmpty || host == "0.0.0.0"
            ? ["::", "0.0.0.0"] : host == "localhost" ? ["127.0.0.1", "::1"] : [host]
        var addresses: [SocketAddress] = []
        for each in hosts {
            if let address = try? SocketAddress(ipAddress: withoutBrackets(each), port: port) {
                addresses.append(address)
            }
        }
        if addresses.isEmpty {
            do {
                addresses.append(try SocketAddress.makeAddressResolvingHost(host, port: port))
            } catch {
                throw .unknownHost(host)
            }
        }
        return addresses
    }

    private static func withoutBrackets(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
}

extension SocketAddress {
    /// Whether it is `::`, which includes IPv4 if the system allows it.
    var isEveryIPv6Address: Bool {
        if case .v6 = self { ipAddress == "::" } else { false }
    }
}
