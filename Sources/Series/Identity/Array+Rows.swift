extension Array {
    /// Puts an element into a row that is free, or into a new one behind the last.
    /// - Parameter free: rows that nothing refers to.
    /// - Returns: the number of the row.
    mutating func insert(_ element: Element, reusing free: inout [UInt32]) -> UInt32 {
        guard let number = free.popLast() else {
            append(element)
            return UInt32(count - 1)
        }
        self[Int(number)] = element
        return number
    }
}
