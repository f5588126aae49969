internal import CYAML

/// One event of libyaml's parser, copied out of its memory.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias
        case scalar(String, ScalarStyle)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    /// The anchor that a node defines or an alias refers to.
    var anchor: String?
    /// The tag as written, `tag:yaml.org,2002:` for `!!`.
    var tag: String?
    let position: SourcePosition
}

/// libyaml's event parser over bytes in memory. All memory is freed with the reader.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let length: Int
    private let file: String

    /// `bytes` must be UTF-8, a byte order mark is skipped; `file` is the name in positions.
    init(_ bytes: [UInt8], file: String) throws(ConfigFinding) {
        parser = .allocate(capacity: 1)
        // Never zero bytes: libyaml asserts a valid address.
        input = .allocate(capacity: bytes.count + 1)
        input.initialize(repeating: 0)
        _ = input.update(from: bytes)
        length = bytes.count
        self.file = file
        guard yaml_parser_initialize(parser) == 1 else {
            input.deallocate()
            parser.deallocate()
            throw ConfigFinding(position: SourcePosition(file: file), path: "", message: "out of memory")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, UnsafePointer(input.baseAddress), length)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event. Not to be called again after it threw or returned `.streamEnd`.
    mutating func next() throws(ConfigFinding) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            throw syntaxMistake()
        }
        defer { yaml_event_delete(&event) }
        let position = position(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, position: position)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, position: position)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, position: position)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, position: position)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, position: position)
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias, anchor: text(event.data.alias.anchor), position: position)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.data.sequence_start
            return YAMLEvent(kind: .sequenceStart, anchor: text(data.anchor), tag: text(data.tag), position: position)
        case YAML_MAPPING_START_EVENT:
            let data = event.data.mapping_start
            return YAMLEvent(kind: .mappingStart, anchor: text(data.anchor), tag: text(data.tag), position: position)
        case YAML_SCALAR_EVENT:
            let data = event.data.scalar
            let value = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
            let style: ScalarStyle = data.style == YAML_PLAIN_SCALAR_STYLE ? .plain : .text
            return YAMLEvent(
                kind: .scalar(value, style), anchor: text(data.anchor), tag: text(data.tag), position: position)
        default: return YAMLEvent(kind: .streamEnd, position: position)
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(file: file, line: Int(clamping: mark.line) &+ 1, column: Int(clamping: mark.column) &+ 1)
    }

    private func syntaxMistake() -> ConfigFinding {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "unknown problem"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return ConfigFinding(position: SourcePosition(file: file), path: "", message: "out of memory")
        case YAML_READER_ERROR:
            return ConfigFinding(
                position: position(ofByte: state.problem_offset), path: "", message: "not UTF-8 text: \(problem)")
        default:
            var message = "not valid YAML: \(problem)"
            if let context = state.context.map({ String(cString: $0) }) {
                message += " \(context)"
                if state.context_mark.line != state.problem_mark.line {
                    message += " that began on line \(Int(clamping: state.context_mark.line) &+ 1)"
                }
            }
            if startsWithTab(line: Int(clamping: state.problem_mark.line)) {
                message += "; write spaces for indentation, not tabs"
            }
            return ConfigFinding(position: position(state.problem_mark), path: "", message: message)
        }
    }

    /// The position of a byte, for errors in the encoding.
    private func position(ofByte offset: Int) -> SourcePosition {
        var line = 1
        var column = 1
        for byte in input.prefix(min(length, max(0, offset))) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return SourcePosition(file: file, line: line, column: column)
    }

    private func startsWithTab(line: Int) -> Bool {
        let lines = input.prefix(length).split(
            separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        guard line < lines.count else {
            return false
        }
        return lines[line].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.contains(UInt8(ascii: "\t"))
    }
}
