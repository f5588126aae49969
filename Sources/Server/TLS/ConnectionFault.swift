internal import NIOSSL

/// Why a connection failed before its first request.
package enum ConnectionFault: Error, Equatable, Sendable {
    /// The client uses TLS on a listener without TLS.
    case tlsOnPlainPort
    /// The client does not use TLS on a listener with TLS.
    case plainOnTLSPort
    /// The client presents no certificate although one is required.
    case noClientCertificate
    /// The client's certificate is not signed by an authority of `client_ca_file`, or is not valid now.
    case untrustedClientCertificate
    /// The client aborted the handshake, usually because it does not trust the certificate of this listener.
    case certificateNotTrusted
    /// The handshake did not end within the time for a head.
    case handshakeTimeout
    /// BoringSSL's message, such as `no shared cipher`.
    case handshakeFailed(String)

    /// Nil if it is not an error of a handshake: a client that disconnects, as probes do.
    init?(_ error: any Error) {
        guard case .handshakeFailed(let failure)? = error as? NIOSSLError else { return nil }
        guard case .sslError(let stack) = failure, let first = stack.first else { return nil }
        if first == .eofDuringHandshake { return nil }
        let reason = Self.reason(first.description)
        switch reason {
        case "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER": self = .plainOnTLSPort
        case "PEER_DID_NOT_RETURN_A_CERTIFICATE": self = .noClientCertificate
        case "CERTIFICATE_VERIFY_FAILED": self = .untrustedClientCertificate
        case "TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            // An unencrypted alert, as OpenSSL sends it for the same reasons.
            "BAD_PACKET_LENGTH":
            self = .certificateNotTrusted
        default: self = .handshakeFailed(reason.lowercased().replacing("_", with: " "))
        }
    }

    /// The name in `Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at FILE:LINE`.
    private static func reason(_ description: String) -> String {
        let parts = description.split(separator: "OPENSSL_internal:", maxSplits: 1)
        guard parts.count == 2 else { return description }
        return String(parts[1].prefix { $0 != " " })
    }

    /// One word of a closed list, for metrics.
    package var reason: String {
        switch self {
        case .tlsOnPlainPort: "tls_on_plain_port"
        case .plainOnTLSPort: "plain_on_tls_port"
        case .noClientCertificate: "no_client_certificate"
        case .untrustedClientCertificate: "untrusted_client_certificate"
        case .certificateNotTrusted: "certificate_not_trusted"
        case .handshakeTimeout: "handshake_timeout"
        case .handshakeFailed: "handshake_failed"
        }
    }

    /// What is wrong and what to do about it, in English, without a full stop.
    package var explanation: String {
        switch self {
        case .tlsOnPlainPort:
            "a client uses TLS, but this listener does not: configure its tls, or set http or insecure at the "
                + "client"
        case .plainOnTLSPort:
            "a client does not use TLS, but this listener does: set https at the client, without insecure"
        case .noClientCertificate: "a client presents no certificate, which client_ca_file requires"
        case .untrustedClientCertificate: "a client's certificate is not valid, or not signed by one of client_ca_file"
        case .certificateNotTrusted:
            "a client aborted its TLS handshake, usually because it does not trust the certificate of this listener: set "
                + "the certificate authority at the client, and connect by a name in the certificate"
        case .handshakeTimeout: "a client did not finish its TLS handshake in time"
        case .handshakeFailed(let reason): "a TLS handshake failed: \(reason)"
        }
    }
}
