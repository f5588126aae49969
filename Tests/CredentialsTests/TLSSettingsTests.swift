import Foundation
import Testing

@testable import Credentials

@Suite struct TLSSettingsTests {
    /// Why a server context is refused.
    private func fault(_ change: (inout TLSSettings) -> Void) -> TLSFault? {
        var settings = Fixtures.server
        change(&settings)
        do throws(TLSFault) {
            _ = try settings.serverContext(protocols: ["h2"])
            return nil
        } catch {
            return error
        }
    }

    @Test func filesAndTextsMakeContexts() throws {
        _ = try Fixtures.server.serverContext(protocols: ["http/1.1"])
        var settings = TLSSettings(
            certificate: .text(try Fixtures.text("server.crt")), key: .text(try Fixtures.text("server.key")),
            trusted: .file(Fixtures.path("authority.crt")))
        _ = try settings.serverContext(protocols: ["h2"])
        settings.addsSystemRoots = true
        _ = try settings.serverContext(protocols: ["h2"])
        _ = try TLSSettings().clientContext(protocols: [])
        _ = try TLSSettings(trusted: .file(Fixtures.path("authority.crt"))).clientContext(protocols: ["h2"])
        _ = try TLSSettings().clientContext(protocols: [], verifiesServer: false)
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let missing = fault { $0.certificate = .file("/nowhere/server.crt") }
        #expect(missing == TLSFault(.certificate, "/nowhere/server.crt cannot be read: no such file"))
        #expect(fault { $0.key = .file("/nowhere/k") } == TLSFault(.key, "/nowhere/k cannot be read: no such file"))
        #expect(
            fault { $0.trusted = .file("/nowhere/ca") }
                == TLSFault(.trusted, "/nowhere/ca cannot be read: no such file"))
        #expect(fault { $0.key = .file("/") } == TLSFault(.key, "/ is a directory; name a file"))
        #expect(fault { $0.certificate = nil }?.part == .certificate)
    }

    @Test func whatIsNoCertificateOrKeyIsTold() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("", to: "empty.pem")
        #expect(fault { $0.certificate = .file(empty) } == TLSFault(.certificate, "\(empty) is empty"))
        let text = try folder.write("hello", to: "text.pem")
        #expect(fault { $0.certificate = .file(text) }?.message.contains("is not PEM") == true)
        #expect(fault { $0.key = .file(text) }?.message.contains("is not PEM") == true)
        let certificate = Fixtures.path("server.crt")
        #expect(
            fault { $0.key = .file(certificate) } == TLSFault(.key, "\(certificate) contains no private key"))
        let key = Fixtures.path("server.key")
        #expect(
            fault { $0.certificate = .file(key) } == TLSFault(.certificate, "\(key) contains no certificate"))
        let cut = try folder.write(String(try Fixtures.text("server.crt").prefix(200)), to: "cut.pem")
        #expect(fault { $0.certificate = .file(cut) }?.part == .certificate)
        let damaged = try Fixtures.text("server.crt").replacingOccurrences(of: "MI", with: "!!")
        #expect(
            fault { $0.certificate = .text(damaged) }
                == TLSFault(.certificate, "the text has a malformed certificate"))
        let cutKey = try folder.write(
            "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n", to: "cut.key")
        #expect(fault { $0.key = .file(cutKey) } == TLSFault(.key, "\(cutKey) has a malformed private key"))
    }

    @Test func aKeyWithAPassphraseIsTold() {
        #expect(fault { $0.key = .file(Fixtures.path("encrypted.key")) }?.message.contains("passphrase") == true)
    }

    @Test(arguments: ["renewed.key", "rsa.key"])
    func aKeyThatDoesNotBelongToTheCertificateIsTold(key: String) {
        #expect(
            fault { $0.key = .file(Fixtures.path(key)) }
                == TLSFault(.key, "the key does not belong to the certificate"))
    }

    @Test func everySuiteAndCurveOfTheConfigurationExists() {
        for suite in TLSNames.version13Suites { #expect(fault { $0.cipherSuites = [suite] } == nil) }
        #expect(fault { $0.cipherSuites = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] } == nil)
        #expect(fault { $0.cipherSuites = ["TLS_RSA_WITH_RC4_128_SHA"] }?.part == .cipherSuites)
        #expect(
            fault {
                $0.cipherSuites = ["TLS_AES_128_GCM_SHA256"]
                $0.maximumVersion = .v12
            }?.part == .cipherSuites)
        for curve in ["X25519", "P256", "P384", "P521", "X25519MLKEM768"] {
            #expect(fault { $0.curves = [curve] } == nil)
        }
        #expect(fault { $0.curves = ["P192"] }?.part == .curves)
        #expect(
            fault {
                $0.minimumVersion = .v13
                $0.maximumVersion = .v12
            }?.part == .versions)
        for version in TLSSettings.Version.allCases {
            #expect(
                fault {
                    $0.minimumVersion = version
                    $0.maximumVersion = version
                } == nil)
        }
    }
}
