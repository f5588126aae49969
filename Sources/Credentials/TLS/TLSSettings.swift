/// TLS settings of one side of a connection: of a listener or of a client.
package struct TLSSettings: Sendable, Equatable {
    /// The source of PEM text.
    package enum Material: Sendable, Equatable {
        /// Read whenever a context is made.
        case file(String)
        /// The PEM text itself.
        case text(String)
    }

    /// The supported versions of TLS, oldest first.
    package enum Version: Int, Sendable, CaseIterable, Comparable {
        case v10
        case v11
        case v12
        case v13

        package static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }

    /// The certificate chain of this side, its own certificate first. A server has one; a client may.
    package var certificate: Material?
    /// The key of the chain's first certificate; set if, and only if, the chain is.
    package var key: Material?
    /// The authorities for certificates of the other side. With them, a server requires a client certificate (mTLS).
    /// Without them, a client trusts the system's authorities.
    package var trusted: Material?
    /// Whether the system's authorities are trusted in addition to `trusted`. Default false.
    package var addsSystemRoots: Bool
    /// Default TLS 1.2.
    package var minimumVersion: Version
    /// Default TLS 1.3.
    package var maximumVersion: Version
    /// Names such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, most preferred first. Empty: those with forward secrecy.
    /// Those of TLS 1.3 are always on if it is; a list with only those excludes TLS 1.2 and below.
    package var cipherSuites: [String]
    /// Names such as `X25519` and `P256`, most preferred first. Empty: a default choice.
    package var curves: [String]

    package init(
        certificate: Material? = nil, key: Material? = nil, trusted: Material? = nil, addsSystemRoots: Bool = false,
        minimumVersion: Version = .v12, maximumVersion: Version = .v13, cipherSuites: [String] = [],
        curves: [String] = []
    ) {
        self.certificate = certificate
        self.key = key
        self.trusted = trusted
        self.addsSystemRoots = addsSystemRoots
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.cipherSuites = cipherSuites
        self.curves = curves
    }
}

/// Why settings do not allow a TLS connection.
package struct TLSFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which of the settings is at fault.
    package enum Part: Sendable, Equatable {
        case certificate
        case key
        case trusted
        case cipherSuites
        case curves
        case versions
        /// Several settings together.
        case all
    }

    package let part: Part
    /// What is wrong, in a clause without a full stop.
    package let message: String

    package init(_ part: Part, _ message: String) {
        self.part = part
        self.message = message
    }

    package var description: String { message }
}
