/// How one side of a connection protects it. Both sides use it: listeners, and who sends to others.
package struct TLSSettings: Sendable, Equatable {
    /// Where PEM text comes from.
    package enum Material: Sendable, Equatable {
        /// Read whenever a context is made.
        case file(String)
        /// The PEM text itself.
        case text(String)
    }

    /// The versions of TLS that this program can speak, oldest first.
    package enum Version: Int, Sendable, CaseIterable, Comparable {
        case v10
        case v11
        case v12
        case v13

        package static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }

    /// The chain this side shows, its own certificate first. A server has one; a client may.
    package var certificate: Material?
    /// The key of the chain's first certificate; there if, and only if, that is there.
    package var key: Material?
    /// Who may have signed the other side's certificate. A server with it takes only clients that show one (mTLS). A
    /// client without it trusts the system's authorities.
    package var trusted: Material?
    /// Whether the system's authorities are trusted besides `trusted`. Default false.
    package var addsSystemRoots: Bool
    /// Default TLS 1.2.
    package var minimumVersion: Version
    /// Default TLS 1.3.
    package var maximumVersion: Version
    /// Names such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`, the most wanted first. Empty: those with forward secrecy.
    /// Those of TLS 1.3 are always on when it is; a list of nothing else rules out TLS 1.2 and below.
    package var cipherSuites: [String]
    /// Names such as `X25519` and `P256`, the most wanted first. Empty: a usual choice.
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

/// Why no protected connection can be made with some settings.
package struct TLSFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which of the settings is at fault.
    package enum Part: Sendable, Equatable {
        case certificate
        case key
        case trusted
        case cipherSuites
        case curves
        case versions
        /// Several together.
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
