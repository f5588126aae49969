/// SHA-256 (FIPS 180-4), for labels that shall tell people apart without naming them. Runs once for a new series.
enum SHA256 {
    /// The eight words between two blocks.
    typealias State = SIMD8<UInt32>

    static let blockBytes = 64

    static let initial = State(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    /// The hash as 64 lower-case hexadecimal digits.
    static func hex(of message: [UInt8]) -> [UInt8] {
        hex(finish(message[...], after: 0, in: initial))
    }

    static func hex(_ state: State) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return (0..<8).flatMap { word in
            (0..<8).map { digits[Int(state[word] >> (28 - 4 * UInt32($0)) & 0xF)] }
        }
    }

    /// The 32 bytes of a hash.
    static func bytes(_ state: State) -> [UInt8] {
        (0..<8).flatMap { word in withUnsafeBytes(of: state[word].bigEndian) { Array($0) } }
    }

    /// The hash of whole blocks that were taken already and of the rest of the message.
    /// - Parameters:
    ///   - before: bytes taken already, a multiple of `blockBytes`.
    ///   - state: after them.
    static func finish(_ rest: ArraySlice<UInt8>, after before: Int, in state: State) -> State {
        var state = state
        var padded = Array(rest)
        padded.reserveCapacity(padded.count + 2 * blockBytes)
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % blockBytes) % blockBytes))
        let bitCount = UInt64(before + rest.count) &* 8
        withUnsafeBytes(of: bitCount.bigEndian) { padded.append(contentsOf: $0) }
        for start in stride(from: 0, to: padded.count, by: blockBytes) {
            take(padded[start..<start + blockBytes], into: &state)
        }
        return state
    }

    /// Takes one block of `blockBytes`.
    static func take(_ block: ArraySlice<UInt8>, into state: inout State) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            var start = block.startIndex
            for index in 0..<16 {
                let (a, b) = (UInt32(block[start]), UInt32(block[start + 1]))
                let (c, d) = (UInt32(block[start + 2]), UInt32(block[start + 3]))
                schedule.initializeElement(at: index, to: a << 24 | b << 16 | c << 8 | d)
                start += 4
            }
            for index in 16..<64 {
                let (early, late) = (schedule[index - 15], schedule[index - 2])
                let first = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
                let second = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
                let sum = schedule[index - 16] &+ first &+ schedule[index - 7] &+ second
                schedule.initializeElement(at: index, to: sum)
            }
            mix(UnsafeBufferPointer(schedule), into: &state)
        }
    }

    private static func mix(_ schedule: UnsafeBufferPointer<UInt32>, into state: inout State) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        constants.withUnsafeBufferPointer { constants in
            for index in 0..<64 {
                let choice = e & f ^ ~e & g
                let majority = a & b ^ a & c ^ b & c
                let mixed = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
                let first = h &+ mixed &+ choice &+ constants[index] &+ schedule[index]
                let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
                (h, g, f, e) = (g, f, e, d &+ first)
                (d, c, b, a) = (c, b, a, first &+ second)
            }
        }
        state = state &+ State(a, b, c, d, e, f, g, h)
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}
