/// What MD5, SHA-1 and SHA-256 have in common (the construction of Merkle and Damgård): a message is filled up to whole
/// blocks, and block after block is mixed into a few words, which are the digest in the end.
protocol BlockDigest {
    /// The words between two blocks.
    associatedtype State: SIMD where State.Scalar == UInt32

    /// The words before the first block.
    static var initial: State { get }
    /// How many words of the state are the digest.
    static var wordCount: Int { get }
    /// The order of the bytes in a word.
    static var isBigEndian: Bool { get }
    /// How many words a block is spread to, its own 16 included.
    static var scheduleCount: Int { get }

    /// Mixes one block into the state.
    /// - Parameter schedule: `scheduleCount` words, of which the first 16 are the block's and the others are not yet
    ///   initialised.
    static func mix(_ schedule: UnsafeMutableBufferPointer<UInt32>, into state: inout State)
}

extension BlockDigest {
    static var blockBytes: Int { 64 }

    static func wholeDigest(of message: [UInt8]) -> [UInt8] { bytes(finish(message[...], after: 0, in: initial)) }

    /// The digest that a state is, `4 * wordCount` bytes.
    static func bytes(_ state: State) -> [UInt8] {
        (0..<wordCount).flatMap { index in
            withUnsafeBytes(of: isBigEndian ? state[index].bigEndian : state[index].littleEndian) { Array($0) }
        }
    }

    /// The state after whole blocks that were taken already and the rest of the message.
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
        withUnsafeBytes(of: isBigEndian ? bitCount.bigEndian : bitCount.littleEndian) { padded.append(contentsOf: $0) }
        for start in stride(from: 0, to: padded.count, by: blockBytes) {
            take(padded[start..<start + blockBytes], into: &state)
        }
        return state
    }

    /// Takes one block of `blockBytes`.
    static func take(_ block: ArraySlice<UInt8>, into state: inout State) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: scheduleCount) { schedule in
            block.withUnsafeBytes { bytes in
                for index in 0..<16 {
                    let word = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                    schedule.initializeElement(
                        at: index, to: isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word))
                }
            }
            mix(schedule, into: &state)
        }
    }
}

extension UInt32 {
    @inline(__always)
    func rotatedLeft(_ count: UInt32) -> UInt32 { self << count | self >> (32 - count) }

    @inline(__always)
    func rotatedRight(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}
