import Foundation
import Testing

@testable import Credentials

@Suite struct PasswordTests {
    /// The password of all of them is `secret`.
    @Test(
        "hashes of Apache's htpasswd and crypt(3) accept their password",
        arguments: [
            "secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{SSHA}D4kSuvPIF4rZzl+dW9Km/1788fBwZXBwZXI=",
            "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
            "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a",
            "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
        ])
    func hashesMatch(text: String) throws {
        let hash = try PasswordHash(text)
        #expect(hash.matches(Array("secret".utf8)))
        #expect(hash.isSlow == text.hasPrefix("$"))
        for wrong in ["", "Secret", "secret ", "secret\0", "secre", text == "secret" ? "x" : text] {
            #expect(!hash.matches(Array(wrong.utf8)), "\(wrong)")
        }
    }

    @Test func passwordsOfAnyLengthAreHashedAsApacheDoes() throws {
        #expect(try PasswordHash("$apr1$x$tMwYqBfQwi3FYAr0aJc8M/").matches([]))
        let long = Array("a much longer password than sixteen bytes".utf8)
        #expect(try PasswordHash("$apr1$12345678$RkSsHiO1RUdjaoav57ZaW/").matches(long))
    }

    @Test(
        "an unusable hash is not accepted as a plain password",
        arguments: [
            "$apr1$abc", "$apr1$abc$short", "{SHA}short", "{SHA}!!!!", "{SSHA}AAAA", "$2y$05$short",
            "$2y$99$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", "$6$saltsalt$short", "$argon2id$v=19$m=1",
        ])
    func malformedHashesAreNoPasswords(text: String) {
        #expect(throws: CredentialFault.self) { try PasswordHash(text) }
    }

    @Test func linesBecomeUsersAndLaterOnesCount() throws {
        var table = PasswordTable()
        table.add(Array("# users\n\n ada:one \r\nbob:a:b\nno colon\neve:$argon2i$x\n:nobody".utf8), name: "users")
        table.add(Array("ada:two".utf8), name: "inline")
        #expect(table["ada"] == .plain(Array("two".utf8)))
        #expect(table["bob"] == .plain(Array("a:b".utf8)))
        #expect(table["eve"] == nil)
        #expect(table["Ada"] == nil)
        #expect(table[""] == .plain(Array("nobody".utf8)))
        #expect(table.remarks.count == 2)
        #expect(table.remarks[0] == "line 5 of users is no user:password and is ignored")
        #expect(table.remarks[1].hasPrefix("line 6 of users is ignored: "))
        #expect(!table.remarks.joined().contains("argon2i$"))
        #expect(!table.hasSlowHashes)
        #expect(PasswordTable().isEmpty)
    }

    @Test func marksTellSecretsApart() {
        let mark = SecretMark(of: Array("secret".utf8))
        #expect(mark.matches(Array("secret".utf8)))
        #expect(!mark.matches(Array("Secret".utf8)))
    }
}
