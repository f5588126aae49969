internal import NIOCore
private import Platform

/// Why a listener cannot listen at its address; nothing is left open.
package enum ListenError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process listens there.
    case portInUse(host: String, port: Int)
    /// Ports below 1024 need a permission that this process does not have.
    case permissionDenied(host: String, port: Int)
    /// The machine does not have this address.
    case addressNotAvailable(host: String)
    /// The name cannot be resolved.
    case unknownHost(String)
    /// Not in 0...65535.
    case invalidPort(Int)
    /// The system's message.
    case system(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .portInUse(let host, let port):
            "cannot listen on \(Self.endpoint(host, port)): the port is in use; stop the other process or change "
                + "the endpoint"
        case .permissionDenied(let host, let port):
            "cannot listen on \(Self.endpoint(host, port)): permission denied; ports below 1024 need root or "
                + "CAP_NET_BIND_SERVICE"
        case .addressNotAvailable(let host):
            "cannot listen on \(host): this machine does not have that address"
        case .unknownHost(let host):
            "cannot listen on \(host): the name cannot be resolved"
        case .invalidPort(let port):
            "cannot listen on port \(port): a port is a number from 0 to 65535"
        case .system(let host, let port, let reason):
            "cannot listen on \(Self.endpoint(host, port)): \(reason)"
        }
    }

    init(_ error: any Error, host: String, port: Int) {
        if let known = error as? ListenError {
            self = known
            return
        }
        guard let error = error as? IOError else {
            self =
                error is SocketAddressError ? .unknownHost(host) : .system(host: host, port: port, reason: "\(error)")
            return
        }
        switch error.errnoCode {
        case EADDRINUSE: self = .portInUse(host: host, port: port)
        case EACCES, EPERM: self = .permissionDenied(host: host, port: port)
        case EADDRNOTAVAIL: self = .addressNotAvailable(host: host)
        default: self = .system(host: host, port: port, reason: "\(error)")
        }
    }

    /// `host:port`, with brackets if the host has colons.
    private static func endpoint(_ host: String, _ port: Int) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
