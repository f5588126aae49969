internal import Bytes

/// The password hash `$apr1$` of Apache: a thousand rounds of MD5, after FreeBSD's `$1$`.
enum ApacheMD5 {
    static let prefix = "$apr1$"
    private static let saltBytes = 8
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The 22 characters after the salt.
    static func hash(_ password: [UInt8], salt: [UInt8]) -> [UInt8] {
        let salt = Array(salt.prefix(saltBytes))
        var start = password + Array(prefix.utf8) + salt
        let inner = MD5.digest(of: password + salt + password)
        for index in 0..<password.count { start.append(inner[index % 16]) }
        var count = password.count
        while count > 0 {
            start.append(count & 1 == 1 ? 0 : password[0])
            count >>= 1
        }
        var digest = MD5.digest(of: start)
        for round in 0..<1000 {
            var text = round & 1 == 1 ? password : digest
            if round % 3 != 0 { text += salt }
            if round % 7 != 0 { text += password }
            text += round & 1 == 1 ? digest : password
            digest = MD5.digest(of: text)
        }
        return text(of: digest)
    }

    private static func text(of digest: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for (first, second, third) in [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)] {
            append(
                UInt32(digest[first]) << 16 | UInt32(digest[second]) << 8 | UInt32(digest[third]), count: 4, to: &text)
        }
        append(UInt32(digest[11]), count: 2, to: &text)
        return text
    }

    private static func append(_ value: UInt32, count: UInt32, to text: inout [UInt8]) {
        for place in 0..<count { text.append(alphabet[Int(value >> (6 * place) & 0x3F)]) }
    }
}
