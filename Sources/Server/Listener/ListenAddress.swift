internal import NIOCore

/// Where a host and a port of the configuration are.
enum ListenAddress {
    /// The addresses to try, in this order; the first that works is the one.
    ///
    /// An empty host and 0.0.0.0 mean all addresses, as they do for the Collector: IPv6 takes IPv4 in with it, and a
    /// machine without IPv6 gets the second.
    /// `localhost` is not looked up, so that it is 127.0.0.1 whatever the resolver says.
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
    /// Whether it is `::`, which takes IPv4 in where the system lets it.
    var isEveryIPv6Address: Bool {
        if case .v6 = self { ipAddress == "::" } else { false }
    }
}
