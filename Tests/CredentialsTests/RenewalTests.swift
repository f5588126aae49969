import Foundation
import Testing

@testable import Credentials

@Suite struct RenewalTests {
    @Test func anyOfTheTokensIsTaken() {
        let tokens = BearerTokens(scheme: "Bearer", tokens: ["one", "two"])
        #expect(tokens.accepts("Bearer one"))
        #expect(tokens.accepts("Bearer two"))
        for wrong in ["", "Bearer", "Bearer ", "one", "bearer one", "Bearer  one", "Bearer onetwo", "Bearer three"] {
            #expect(!tokens.accepts(wrong), "\(wrong)")
        }
        #expect(tokens.headerValue == "Bearer one")
        #expect(BearerTokens(scheme: "", tokens: ["one"]).accepts("one"))
    }

    @Test func tokensOfAFileAreRenewed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("one\r\n\n  two \n", to: "tokens")
        let tokens = try BearerTokens(scheme: "Bearer", path: path)
        #expect(tokens.accepts("Bearer one") && tokens.accepts("Bearer two"))
        // Empty lines are not tokens.
        #expect(!tokens.accepts("Bearer "))
        #expect(try !tokens.reload())
        _ = try folder.write("three", to: "tokens")
        #expect(try tokens.reload())
        #expect(tokens.accepts("Bearer three") && !tokens.accepts("Bearer one"))
        _ = try folder.write(" \n", to: "tokens")
        #expect(throws: CredentialFault("\(path) contains no token")) { try tokens.reload() }
        #expect(tokens.accepts("Bearer three"))
    }

    @Test func aContextIsMadeAnewOnlyOfOtherFiles() throws {
        let folder = try TemporaryFolder()
        let certificate = try folder.write(Fixtures.text("server.crt"), to: "crt")
        let key = try folder.write(Fixtures.text("server.key"), to: "key")
        let trusted = try folder.write(Fixtures.text("authority.crt"), to: "ca")
        let source = try TLSContextSource(
            TLSSettings(certificate: .file(certificate), key: .file(key), trusted: .file(trusted)), protocols: ["h2"])
        let first = source.context
        #expect(try !source.reload(identity: true, trusted: true))
        #expect(source.context === first)
        // Only one file of a pair changed: connections use the old pair.
        _ = try folder.write(Fixtures.text("renewed.crt"), to: "crt")
        #expect(throws: TLSFault(.key, "the key does not belong to the certificate")) {
            try source.reload(identity: true, trusted: false)
        }
        #expect(source.context === first)
        _ = try folder.write(Fixtures.text("renewed.key"), to: "key")
        #expect(try source.reload(identity: true, trusted: false))
        let second = source.context
        #expect(second !== first)
        _ = try folder.write(Fixtures.text("stranger.crt"), to: "ca")
        #expect(try !source.reload(identity: true, trusted: false))
        #expect(try source.reload(identity: false, trusted: true))
        #expect(source.context !== second)
    }

    @Test func aStampChangesWithTheFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("one", to: "file")
        let first = FileStamp(of: path)
        #expect(first != nil)
        #expect(FileStamp(of: path) == first)
        _ = try folder.write("three", to: "file")
        #expect(FileStamp(of: path) != first)
        #expect(FileStamp(of: folder.url.appending(path: "nothing").path) == nil)
    }
}
