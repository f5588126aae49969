/// One run of a pattern's program over one text: all possible matches advance together, one character at a time, in the
/// order in which a backtracking matcher would try them.
struct PatternSearch {
    private let program: [PatternInstruction]
    private let text: [Unicode.Scalar]
    /// Positions stored for each thread of the match: beginnings and ends of groups.
    private let slotCount: Int
    private var current: Ways
    private var next: Ways
    /// The thread being followed: its slots, and its remaining work.
    private var slots: [Int]
    private var pending: [Step] = []

    private enum Step {
        case visit(Int)
        /// Restores the value of a slot.
        case restore(slot: Int, to: Int)
    }

    /// Instructions at which threads wait, each once, in order of preference.
    private struct Ways {
        private(set) var members: [Int] = []
        private var isMember: [Bool]
        /// By instruction.
        var slots: [Int]

        init(instructions: Int, slotCount: Int) {
            isMember = [Bool](repeating: false, count: instructions)
            slots = [Int](repeating: -1, count: instructions * slotCount)
        }

        mutating func insert(_ instruction: Int) -> Bool {
            if isMember[instruction] { return false }
            isMember[instruction] = true
            members.append(instruction)
            return true
        }

        mutating func removeAll() {
            for instruction in members { isMember[instruction] = false }
            members.removeAll(keepingCapacity: true)
        }
    }

    init(program: [PatternInstruction], text: [Unicode.Scalar], slotCount: Int) {
        self.program = program
        self.text = text
        self.slotCount = slotCount
        current = Ways(instructions: program.count, slotCount: slotCount)
        next = current
        slots = [Int](repeating: -1, count: slotCount)
    }

    /// - Parameter whole: only the whole text counts as a match.
    /// - Returns: the slots of the preferred match, nil without one.
    mutating func run(whole: Bool) -> [Int]? {
        let startsOnce = whole || isAnchored
        var found: [Int]?
        for position in 0...text.count {
            if found == nil, !startsOnce || position == 0 {
                for slot in slots.indices { slots[slot] = -1 }
                follow(0, at: position)
            }
            swap(&current, &next)
            next.removeAll()
            if current.members.isEmpty, startsOnce || found != nil { break }
            step(over: position < text.count ? text[position] : nil, at: position, whole: whole, found: &found)
            if found != nil, slotCount == 0 { break }
        }
        return found
    }

    /// Advances every thread of `current` by one character, into `next`.
    private mutating func step(over scalar: Unicode.Scalar?, at position: Int, whole: Bool, found: inout [Int]?) {
        for instruction in current.members {
            let kept = instruction * slotCount
            switch program[instruction] {
            case .one(let set):
                guard let scalar, set.contains(scalar) else { continue }
                for slot in 0..<slotCount { slots[slot] = current.slots[kept + slot] }
                follow(instruction + 1, at: position + 1)
            case .end:
                guard !whole || scalar == nil else { continue }
                found = (0..<slotCount).map { current.slots[kept + $0] }
                // The threads after this one are less preferred.
                return
            case .at, .save, .split, .jump: continue
            }
        }
    }

    /// Adds an instruction to `next`, and all that are reached from it without a character.
    private mutating func follow(_ start: Int, at position: Int) {
        pending.append(.visit(start))
        while let step = pending.popLast() {
            guard case .visit(let instruction) = step else {
                if case .restore(let slot, let value) = step { slots[slot] = value }
                continue
            }
            guard next.insert(instruction) else { continue }
            switch program[instruction] {
            case .jump(let target): pending.append(.visit(target))
            case .split(let first, let second):
                pending.append(.visit(second))
                pending.append(.visit(first))
            case .at(let place):
                if holds(place, at: position) { pending.append(.visit(instruction + 1)) }
            case .save(let slot):
                if slot < slotCount {
                    pending.append(.restore(slot: slot, to: slots[slot]))
                    slots[slot] = position
                }
                pending.append(.visit(instruction + 1))
            case .one, .end:
                for slot in 0..<slotCount { next.slots[instruction * slotCount + slot] = slots[slot] }
            }
        }
    }

    /// Whether a match can begin only at the beginning of the text.
    private var isAnchored: Bool {
        for instruction in program {
            switch instruction {
            case .save: continue
            case .at(.textStart): return true
            case .one, .at, .split, .jump, .end: return false
            }
        }
        return false
    }

    private func holds(_ place: PatternPlace, at position: Int) -> Bool {
        switch place {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == "\n"
        case .lineEnd: position == text.count || text[position] == "\n"
        case .wordEdge: isWord(position - 1) != isWord(position)
        case .noWordEdge: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && ScalarSet.words.contains(text[position])
    }
}
