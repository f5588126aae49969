/// The name that a user probably meant: the candidate with the fewest insertions, deletions, replacements and swaps of
/// neighbours, if it is near enough. Nil for names over 64 bytes.
func nearestName(to name: String, in candidates: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= 64 else {
        return nil
    }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let letters = Array(candidate.utf8)
        guard letters.count <= 64 else {
            continue
        }
        let distance = editDistance(wanted, letters)
        // A third of the letters may differ; short names may differ in one.
        if distance <= max(1, max(wanted.count, letters.count) / 3), distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// The end of a message on an unknown name: the nearest candidate, or else a list.
func suggestion(for name: String, in candidates: [String], listing listed: [String]? = nil) -> String {
    if let nearest = nearestName(to: name, in: candidates) {
        return "did you mean \(quoted(nearest))?"
    }
    let listed = listed ?? candidates
    return listed.isEmpty ? "remove it" : "valid: \(listed.map { printable($0) }.joined(separator: ", "))"
}

/// Optimal string alignment distance.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (row, leftLetter) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, rightLetter) in right.enumerated() {
            var cost = min(previous[column + 1] + 1, current[column] + 1)
            cost = min(cost, previous[column] + (leftLetter == rightLetter ? 0 : 1))
            if row > 0, column > 0, leftLetter == right[column - 1], left[row - 1] == rightLetter {
                cost = min(cost, beforePrevious[column - 1] + 1)
            }
            current.append(cost)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
