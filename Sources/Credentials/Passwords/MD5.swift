/// MD5 (RFC 1321), for the hashes that Apache's `htpasswd` makes when nobody asks for better ones.
enum MD5 {
    private static let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]

    /// The sines of 1 to 64 times 2^32 (RFC 1321, 3.4).
    private static let constants: [UInt32] = [
        0xD76A_A478, 0xE8C7_B756, 0x2420_70DB, 0xC1BD_CEEE, 0xF57C_0FAF, 0x4787_C62A, 0xA830_4613, 0xFD46_9501,
        0x6980_98D8, 0x8B44_F7AF, 0xFFFF_5BB1, 0x895C_D7BE, 0x6B90_1122, 0xFD98_7193, 0xA679_438E, 0x49B4_0821,
        0xF61E_2562, 0xC040_B340, 0x265E_5A51, 0xE9B6_C7AA, 0xD62F_105D, 0x0244_1453, 0xD8A1_E681, 0xE7D3_FBC8,
        0x21E1_CDE6, 0xC337_07D6, 0xF4D5_0D87, 0x455A_14ED, 0xA9E3_E905, 0xFCEF_A3F8, 0x676F_02D9, 0x8D2A_4C8A,
        0xFFFA_3942, 0x8771_F681, 0x6D9D_6122, 0xFDE5_380C, 0xA4BE_EA44, 0x4BDE_CFA9, 0xF6BB_4B60, 0xBEBF_BC70,
        0x289B_7EC6, 0xEAA1_27FA, 0xD4EF_3085, 0x0488_1D05, 0xD9D4_D039, 0xE6DB_99E5, 0x1FA2_7CF8, 0xC4AC_5665,
        0xF429_2244, 0x432A_FF97, 0xAB94_23A7, 0xFC93_A039, 0x655B_59C3, 0x8F0C_CC92, 0xFFEF_F47D, 0x8584_5DD1,
        0x6FA8_7E4F, 0xFE2C_E6E0, 0xA301_4314, 0x4E08_11A1, 0xF753_7E82, 0xBD3A_F235, 0x2AD7_D2BB, 0xEB86_D391,
    ]

    static func digest(of message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
        let padded = MessagePadding.padded(message, isBigEndian: false)
        for block in stride(from: 0, to: padded.count, by: 64) {
            mix(padded[block..<block + 64], into: &state)
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
    }

    private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = [UInt32](repeating: 0, count: 16)
        for (offset, byte) in block.enumerated() { words[offset / 4] |= UInt32(byte) << (8 * UInt32(offset % 4)) }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for index in 0..<64 {
            let (function, word): (UInt32, Int) =
                switch index / 16 {
                case 0: (b & c | ~b & d, index)
                case 1: (d & b | ~d & c, (5 * index + 1) % 16)
                case 2: (b ^ c ^ d, (3 * index + 5) % 16)
                default: (c ^ (b | ~d), 7 * index % 16)
                }
            let sum = a &+ function &+ constants[index] &+ words[word]
            let shift = shifts[index / 16][index % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        for (index, word) in [a, b, c, d].enumerated() { state[index] &+= word }
    }
}

/// The password hash `$apr1$` of Apache: a thousand rounds of MD5, after FreeBSD's `$1$`.
enum ApacheMD5 {
    static let prefix = "$apr1$"
    private static let saltBytes = 8
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The 22 characters behind the salt.
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
