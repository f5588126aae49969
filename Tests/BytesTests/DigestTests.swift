import Testing

@testable import Bytes

@Suite struct DigestTests {
    private static let long = String(repeating: "a", count: 1_000)

    private static func hex(_ bytes: [UInt8]) -> String {
        String(decoding: Hexadecimal.digits(of: bytes), as: UTF8.self)
    }

    @Test(
        "MD5 is that of RFC 1321, A.5",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (long, "cabe45dcc9ae5b66ba86600cca6b8ba8"),
        ])
    func md5(message: String, expected: String) {
        #expect(Self.hex(MD5.digest(of: Array(message.utf8))) == expected)
    }

    @Test(
        "SHA-1 is that of RFC 3174, 7.3",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (long, "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        ])
    func sha1(message: String, expected: String) {
        #expect(Self.hex(SHA1.digest(of: Array(message.utf8))) == expected)
    }

    @Test(
        "SHA-256 is that of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (long, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
        ])
    func sha256(message: String, expected: String) {
        #expect(Self.hex(SHA256.digest(of: Array(message.utf8))) == expected)
    }

    @Test("messages of every padding length have different digests")
    func padding() {
        let messages = (54...66).map { [UInt8](repeating: UInt8(ascii: "a"), count: $0) }
        #expect(Set(messages.map { MD5.digest(of: $0) }).count == messages.count)
        #expect(Set(messages.map { SHA256.digest(of: $0) }).count == messages.count)
    }

    @Test("a key may be longer than a block")
    func longKey() {
        let code = HMACSHA256(key: Array(String(repeating: "k", count: 70).utf8)).code(of: Array("x".utf8)[...])
        #expect(Self.hex(code) == "9aaa34ef38bff9e3d571e60f9b6eadbc378f6177d2e7f8d156d458b21cfc62cb")
    }
}
