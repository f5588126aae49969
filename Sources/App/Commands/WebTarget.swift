internal import ConfigFile
internal import Credentials

/// A server that a command calls, and its settings in the configuration.
struct WebTarget: CustomStringConvertible, Equatable {
    var address: WebAddress
    /// `tls` of the listener; nil: it has none, or it is not in the configuration.
    var tls: TLSConfig?
    /// `auth` of the listener.
    var auth: AuthConfig?

    var description: String { address.description }

    /// TLS for the connection; nil: none.
    /// - Throws: `WebTargetFault`.
    func encryption(_ arguments: ClientArguments) throws(WebTargetFault) -> CommandTLS? {
        guard address.isSecure else { return nil }
        if tls?.trusted != nil, arguments.certFile == nil {
            throw WebTargetFault(
                "\(self) requires a client certificate (client_ca_file); add --cert-file and --key-file")
        }
        let trust: CommandTLS.Trust =
            if arguments.insecureSkipVerify {
                .anybody
            } else if let tls, arguments.caFile == nil {
                .listener(tls)
            } else {
                .authorities(file: arguments.caFile)
            }
        do throws(TLSFault) {
            return try CommandTLS(arguments, trust: trust)
        } catch {
            throw WebTargetFault("cannot connect to \(self) over TLS: \(error)")
        }
    }

    /// The header with the credentials, if the configuration has them: a bearer token. Passwords are not known.
    /// - Throws: `WebTargetFault` if the file of the tokens cannot be read.
    func credentials(_ config: AppConfig) throws(WebTargetFault) -> (name: String, value: String)? {
        guard let auth, let authenticator = config.authenticators.first(where: { $0.name == auth.authenticator }),
            case .bearer(let bearer) = authenticator.kind
        else { return nil }
        guard let file = bearer.file else {
            return (bearer.header, BearerTokens(scheme: bearer.scheme, tokens: bearer.tokens).headerValue)
        }
        do throws(CredentialFault) {
            return (bearer.header, try BearerTokens(scheme: bearer.scheme, path: file.file).headerValue)
        } catch {
            throw WebTargetFault("\(auth.authenticator): \(error.message)")
        }
    }
}

/// Why a server cannot be called.
struct WebTargetFault: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
