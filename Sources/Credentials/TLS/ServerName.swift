internal import NIOCore

/// The name that a client sends to the server in its handshake.
package enum ServerName {
    /// Nil for an address, which is not sent; the server's certificate is verified against it nevertheless.
    package static func sent(to host: String) -> String? {
        (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }
}
