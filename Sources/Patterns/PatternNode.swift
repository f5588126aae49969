/// The syntax tree of a pattern.
indirect enum PatternNode: Sendable {
    case one(ScalarSet)
    case at(PatternPlace)
    case group(Int, PatternNode)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `most` nil: unlimited. A greedy repetition matches as much as possible.
    case repeated(PatternNode, least: Int, most: Int?, isGreedy: Bool)
}

/// A position between two characters.
enum PatternPlace: Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordEdge
    case noWordEdge
}

/// One step of the program that a pattern is compiled to.
enum PatternInstruction: Sendable {
    case one(ScalarSet)
    case at(PatternPlace)
    /// Stores the position in this slot.
    case save(Int)
    /// Continues at both; a match of the first is preferred.
    case split(Int, Int)
    case jump(Int)
    case end
}
