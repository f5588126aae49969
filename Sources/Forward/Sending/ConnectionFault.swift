internal import NIOCore
internal import NIOPosix
internal import NIOSSL
private import Platform

extension SendOutcome {
    /// An attempt that ended without a response.
    /// - Parameter place: `HOST:PORT`.
    static func failed(_ error: any Error, at place: String) -> SendOutcome {
        let (reason, isUnreachable) = ConnectionFault.words(for: error, at: place)
        return .failed(SendFailure(reason, isUnreachable: isUnreachable))
    }
}

/// Describes errors of connections.
enum ConnectionFault {
    /// - Returns: what happened, and whether there was no connection at all.
    static func words(for error: any Error, at place: String) -> (reason: String, isUnreachable: Bool) {
        switch error {
        case is TimedOut: return ("\(place) did not answer in time", false)
        case let fault as CallFault: return ("\(place): \(fault.reason)", false)
        case ExchangeFault.closed: return ("\(place) closed the connection without an answer", false)
        case ExchangeFault.unprotected: return ("\(place) requires TLS, which is not configured", true)
        case let fault as NIOConnectionError: return (connecting(fault, place), true)
        case ChannelError.connectTimeout(let time):
            return ("\(place) did not accept the connection within \(time.nanoseconds / 1_000_000) ms", true)
        case let fault as IOError: return (system(fault, place), connectErrors.contains(fault.errnoCode))
        case is SocketAddressError: return ("the name in \(place) cannot be resolved", true)
        case NIOSSLError.uncleanShutdown: return ("\(place) closed the connection without an answer", false)
        case let fault as NIOSSLError: return ("TLS with \(place) failed: \(tls(fault))", true)
        case let fault as BoringSSLError: return ("TLS with \(place) failed: \(tls(fault))", true)
        case let fault as NIOSSLExtraError: return ("TLS with \(place) failed: \(tls(fault))", true)
        case is ChannelError: return ("\(place) closed the connection", false)
        default: return ("\(place) did not answer with HTTP", false)
        }
    }

    private static let connectErrors: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EADDRNOTAVAIL]

    private static func connecting(_ fault: NIOConnectionError, _ place: String) -> String {
        guard let first = fault.connectionErrors.first else {
            return "the name \(fault.host) cannot be resolved"
        }
        return words(for: first.error, at: place).reason
    }

    private static func system(_ fault: IOError, _ place: String) -> String {
        switch fault.errnoCode {
        case ECONNREFUSED: "connection refused by \(place)"
        case ECONNRESET: "connection reset by \(place)"
        case EPIPE: "\(place) closed the connection"
        case ETIMEDOUT: "the connection to \(place) timed out"
        case EHOSTUNREACH, ENETUNREACH: "no route to \(place)"
        case let code:
            "the connection to \(place) failed: \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
        }
    }

    private static func tls(_ fault: NIOSSLError) -> String {
        switch fault {
        case .handshakeFailed(let reason), .shutdownFailed(let reason): tls(reason)
        case .noCertificateToValidate: "the server presents no certificate"
        case .unableToValidateCertificate: "the certificate is for another name"
        default: words("\(fault)")
        }
    }

    private static func tls(_ fault: BoringSSLError) -> String {
        switch fault {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
            // As in `error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE`.
            let text = stack.first.map { "\($0)" } ?? ""
            let reason = text.split(separator: ":").first { $0.contains(" at ") } ?? ""
            return reason.isEmpty ? "the server does not support it" : words(String(reason.prefix { $0 != " " }))
        case .zeroReturn, .syscallError: return "the server closed the connection"
        default: return "the handshake did not finish"
        }
    }

    private static func tls(_ fault: NIOSSLExtraError) -> String {
        fault == .failedToValidateHostname ? "the certificate is for another name" : words(fault.description)
    }

    /// `CERTIFICATE_VERIFY_FAILED` is "certificate verify failed".
    private static func words(_ text: String) -> String { text.lowercased().replacing("_", with: " ") }
}
