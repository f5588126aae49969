/// What a pattern says.
indirect enum PatternNode: Sendable {
    case one(ScalarSet)
    case at(PatternPlace)
    case group(Int, PatternNode)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `most` nil: without end. A greedy repetition takes as much as it can.
    case repeated(PatternNode, least: Int, most: Int?, isGreedy: Bool)
}

/// A place between two characters.
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
    /// The position is kept in this slot.
    case save(Int)
    /// Goes on at both; what the first one finds counts more.
    case split(Int, Int)
    case jump(Int)
    case end
}
