/// A regular expression over a whole label value, as PromQL has them (RE2's syntax, the parts that label values need).
///
/// Simulated state by state, so that no pattern and no value make endless work. Complexity: O(value x pattern).
struct LabelPattern: Sendable {
    /// Why a pattern is not taken.
    struct Fault: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    enum Instruction: Sendable {
        case one(CharacterSet)
        case split(Int, Int)
        case jump(Int)
        case end
    }

    /// Instructions of one pattern; repetitions are written out. More is refused.
    static let instructionLimit = 10_000

    private let program: [Instruction]
    private let ignoresCase: Bool

    init(_ text: String) throws(Fault) {
        var parser = LabelPatternParser(text)
        let node = try parser.parse()
        ignoresCase = parser.ignoresCase
        var compiler = Compiler()
        try compiler.emit(node)
        try compiler.append(.end)
        program = compiler.program
    }

    /// Whether the whole text matches.
    func matches(_ text: some Sequence<Unicode.Scalar>) -> Bool {
        var current = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        add(0, to: &current)
        for scalar in text {
            next.removeAll()
            for state in current.members {
                if case .one(let set) = program[state], set.contains(scalar, ignoringCase: ignoresCase) {
                    add(state + 1, to: &next)
                }
            }
            if next.members.isEmpty { return false }
            swap(&current, &next)
        }
        return current.members.contains { if case .end = program[$0] { true } else { false } }
    }

    /// Adds a state and all that are reached from it without a character.
    private func add(_ state: Int, to states: inout StateSet) {
        var pending = [state]
        while let state = pending.popLast() {
            guard states.insert(state) else { continue }
            switch program[state] {
            case .jump(let target): pending.append(target)
            case .split(let first, let second): pending += [second, first]
            case .one, .end: break
            }
        }
    }

    private struct StateSet {
        private(set) var members: [Int] = []
        private var isMember: [Bool]

        init(count: Int) { isMember = [Bool](repeating: false, count: count) }

        mutating func insert(_ state: Int) -> Bool {
            if isMember[state] { return false }
            isMember[state] = true
            members.append(state)
            return true
        }

        mutating func removeAll() {
            for state in members { isMember[state] = false }
            members.removeAll(keepingCapacity: true)
        }
    }

    private struct Compiler {
        var program: [Instruction] = []

        mutating func append(_ instruction: Instruction) throws(Fault) {
            guard program.count < LabelPattern.instructionLimit else {
                throw Fault(description: "the pattern is too large")
            }
            program.append(instruction)
        }

        mutating func emit(_ node: LabelPatternNode) throws(Fault) {
            switch node {
            case .one(let set): try append(.one(set))
            case .sequence(let nodes):
                for node in nodes { try emit(node) }
            case .alternatives(let nodes): try emit(alternatives: nodes)
            case .repeated(let node, let least, let most):
                for _ in 0..<least { try emit(node) }
                guard let most else { return try emit(loopOf: node) }
                var splits: [Int] = []
                for _ in least..<most {
                    splits.append(program.count)
                    try append(.split(program.count + 1, 0))
                    try emit(node)
                }
                for split in splits { program[split] = .split(split + 1, program.count) }
            }
        }

        private mutating func emit(alternatives nodes: [LabelPatternNode]) throws(Fault) {
            var jumps: [Int] = []
            for (position, node) in nodes.enumerated() {
                let split = program.count
                let isLast = position == nodes.count - 1
                if !isLast { try append(.split(split + 1, 0)) }
                try emit(node)
                guard !isLast else { break }
                jumps.append(program.count)
                try append(.jump(0))
                program[split] = .split(split + 1, program.count)
            }
            for jump in jumps { program[jump] = .jump(program.count) }
        }

        private mutating func emit(loopOf node: LabelPatternNode) throws(Fault) {
            let split = program.count
            try append(.split(split + 1, 0))
            try emit(node)
            try append(.jump(split))
            program[split] = .split(split + 1, program.count)
        }
    }
}

/// Which characters stand at one place.
struct CharacterSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false) {
        self.ranges = ranges
        self.isNegated = isNegated
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    func contains(_ scalar: Unicode.Scalar, ignoringCase: Bool) -> Bool {
        var isFound = ranges.contains { $0.contains(scalar.value) }
        if ignoringCase, !isFound {
            for other in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                let scalars = other.unicodeScalars
                if scalars.count == 1, let value = scalars.first?.value {
                    isFound = isFound || ranges.contains { $0.contains(value) }
                }
            }
        }
        return isFound != isNegated
    }
}
