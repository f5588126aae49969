/// Finds references in text, in one pass: hostile text must not cause repeated scans.
enum ReferenceScan {
    enum Piece {
        case text(ArraySlice<UInt8>)
        /// The text between `${` and the closing `}`; it may contain references itself.
        case reference(ArraySlice<UInt8>)
    }

    /// The outermost references of `text` and the text between them, with `$$` replaced by `$`. A `${` that is never
    /// closed is text.
    static func pieces(of text: ArraySlice<UInt8>) -> [Piece] {
        let ends = closings(in: text)
        var pieces: [Piece] = []
        var index = text.startIndex
        var textStart = index
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "$") else {
                index += 1
                continue
            }
            if let end = ends[index] {
                pieces.append(.text(text[textStart..<index]))
                pieces.append(.reference(text[(index + 2)..<end]))
                index = end + 1
                textStart = index
            } else if index + 1 < text.endIndex, text[index + 1] == UInt8(ascii: "$") {
                pieces.append(.text(text[textStart...index]))
                index += 2
                textStart = index
            } else {
                index += 1
            }
        }
        pieces.append(.text(text[textStart...]))
        return pieces
    }

    /// The content of the reference if it is the whole text.
    static func onlyReference(_ text: [UInt8]) -> ArraySlice<UInt8>? {
        guard let end = closings(in: text[...])[0], end == text.count - 1 else {
            return nil
        }
        return text[2..<end]
    }

    /// The index of the closing brace for each `${` that has one.
    private static func closings(in text: ArraySlice<UInt8>) -> [Int: Int] {
        var ends: [Int: Int] = [:]
        var open: [Int] = []
        var index = text.startIndex
        while index < text.endIndex {
            let next = index + 1 < text.endIndex ? text[index + 1] : 0
            switch (text[index], next) {
            case (UInt8(ascii: "$"), UInt8(ascii: "$")): index += 2
            case (UInt8(ascii: "$"), UInt8(ascii: "{")):
                open.append(index)
                index += 2
            case (UInt8(ascii: "}"), _):
                if let start = open.popLast() {
                    ends[start] = index
                }
                index += 1
            default: index += 1
            }
        }
        return ends
    }
}
