/// Compiles a pattern to instructions.
struct PatternCompiler {
    private var program: [PatternInstruction] = []

    mutating func compile(_ node: PatternNode) throws(PatternFault) -> [PatternInstruction] {
        try emit(node)
        try append(.end)
        return program
    }

    private mutating func append(_ instruction: PatternInstruction) throws(PatternFault) {
        guard program.count < TextPattern.instructionLimit else {
            throw PatternFault(description: "the pattern is too large")
        }
        program.append(instruction)
    }

    private mutating func emit(_ node: PatternNode) throws(PatternFault) {
        switch node {
        case .one(let set): try append(.one(set))
        case .at(let place): try append(.at(place))
        case .group(let number, let node):
            try append(.save(2 * number))
            try emit(node)
            try append(.save(2 * number + 1))
        case .sequence(let nodes):
            for node in nodes { try emit(node) }
        case .alternatives(let nodes): try emit(alternatives: nodes)
        case .repeated(let node, let least, let most, let isGreedy):
            for _ in 0..<least {
                let before = program.count
                try emit(node)
                // An empty expression is not repeated: its time would be unbounded.
                guard program.count > before else { break }
            }
            guard let most else { return try emit(loopOf: node, isGreedy: isGreedy) }
            var splits: [Int] = []
            for _ in 0..<max(0, most - least) {
                splits.append(program.count)
                try append(.jump(0))
                try emit(node)
            }
            for split in splits { program[split] = Self.split(split + 1, program.count, isGreedy: isGreedy) }
        }
    }

    private mutating func emit(alternatives nodes: [PatternNode]) throws(PatternFault) {
        var jumps: [Int] = []
        for (position, node) in nodes.enumerated() {
            let split = program.count
            let isLast = position == nodes.count - 1
            if !isLast { try append(.jump(0)) }
            try emit(node)
            guard !isLast else { break }
            jumps.append(program.count)
            try append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func emit(loopOf node: PatternNode, isGreedy: Bool) throws(PatternFault) {
        let split = program.count
        try append(.jump(0))
        try emit(node)
        try append(.jump(split))
        program[split] = Self.split(split + 1, program.count, isGreedy: isGreedy)
    }

    private static func split(_ body: Int, _ after: Int, isGreedy: Bool) -> PatternInstruction {
        isGreedy ? .split(body, after) : .split(after, body)
    }
}
