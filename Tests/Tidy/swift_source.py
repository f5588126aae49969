"""A Swift file for the checks: its code without strings and comments, its comments, its declarations.

No parser: a scanner that knows comments, string literals and brackets is enough for rules about lines and words.
"""
import re

# The start of a string literal; three quotes open one of several lines only at the end of a line.
OPENING = r'(#*)("""(?=[ \t]*\n)|")'


class SwiftSource:
    """`lines` is the text as written; `code` the same lines with comments and string contents blanked out."""

    def __init__(self, text):
        self.lines = text.split("\n")
        self.code = blank(text).split("\n")

    def comment_blocks(self):
        """Runs of lines with only a comment of one kind: (first line number, marker, texts)."""
        block = None
        for number, (line, code) in enumerate(zip(self.lines, self.code), start=1):
            match = re.match(r"\s*(///|//)(?!/)\s?(.*)$", line) if not code.strip() else None
            if match and block and block[1] == match[1]:
                block[2].append(match[2])
            else:
                if block:
                    yield block
                block = (number, match[1], [match[2]]) if match else None
        if block:
            yield block

    def functions(self):
        """Bodies of functions, initialisers, subscripts and computed properties: (name, first line, line count)."""
        code = "\n".join(self.code)
        named = r"\bfunc\s+([^\s(<]+|`\w+`)|\b(init|subscript)[?!]?(?=\s*[(<])|\b(deinit)\b|\bvar\s+(\w+)\s*:[^={\n]*(?=\{)"
        for match in re.finditer(named, code):
            opening = body_start(code, match.end())
            if opening is None:
                continue
            name = next(group for group in match.groups() if group)
            first = code.count("\n", 0, match.start()) + 1
            last = code.count("\n", 0, body_end(code, opening)) + 1
            yield name, first, last - first + 1

    def package_declarations(self):
        """Declarations with the access level `package`: (line number, text of the declaration's first line)."""
        pattern = re.compile(
            r"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:final|static|indirect|nonisolated|mutating|consuming|borrowing)\s+)*"
            r"package\s+(?!import\b|extension\b)")
        for number, line in enumerate(self.code, start=1):
            if pattern.match(line):
                yield number, line.strip()

    def is_memberwise_initialiser(self, number):
        """Whether an initialiser starts on line `number` that only assigns: its parameters say what it does."""
        code = "\n".join(self.code[number - 1:])
        declaration = re.match(r"[^\n(]*\binit(?=\()", code)
        opening = body_start(code, declaration.end()) if declaration else None
        if opening is None:
            return False
        statements = code[opening + 1:body_end(code, opening)].split("\n")
        return all(re.match(r"\s*((self\.)?\w+ = .*)?$", statement) for statement in statements)

    def line_above(self, number):
        """The text above line `number`, attributes skipped; empty at the top of the file."""
        index = number - 2
        while index >= 0 and re.match(r"\s*(@\w+(\(.*\))?\s*)+$", self.lines[index]):
            index -= 1
        return self.lines[index].strip() if index >= 0 else ""


def blank(text):
    """The text with comments and the contents of string literals replaced by spaces; line breaks stay."""
    out, position = [], 0
    token = re.compile(rf"//[^\n]*|/\*|{OPENING}")
    while match := token.search(text, position):
        out.append(text[position:match.start()])
        if match[0].startswith("//"):
            end = match.end()
        elif match[0] == "/*":
            end = block_comment_end(text, match.end())
        else:
            end = string_end(text, match.end(), match[1], match[2])
        out.append(re.sub(r"[^\n]", " ", text[match.start():end]))
        position = end
    out.append(text[position:])
    return "".join(out)


def block_comment_end(text, position):
    """Past the end of a block comment, which nests in Swift."""
    end = closing(text, position, "/*", "*/", depth=1)
    return end.end() if end else len(text)


def closing(text, position, opening, ending, depth=0):
    """The token that closes the outermost one from `position` on, `depth` of them being open there; None: none does."""
    for match in re.compile(f"{re.escape(opening)}|{re.escape(ending)}").finditer(text, position):
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match
    return None


def string_end(text, position, hashes, quotes):
    """Past the end of the literal that opened before `position`; interpolations belong to it."""
    token = re.compile(rf"\\{hashes}\(|\\{hashes}.|{quotes}{hashes}" + ("" if quotes == '"""' else r"|\n"), re.DOTALL)
    while match := token.search(text, position):
        position = match.end()
        if match[0].endswith("(") and match[0].startswith("\\"):
            position = interpolation_end(text, position)
        elif not match[0].startswith("\\"):
            return position
    return len(text)


def interpolation_end(text, position):
    """Past the parenthesis that closes an interpolation; literals inside may hold parentheses."""
    depth = 1
    token = re.compile(rf"[()]|{OPENING}")
    while match := token.search(text, position):
        position = match.end()
        if match[2]:
            position = string_end(text, position, match[1], match[2])
            continue
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return position
    return len(text)


def body_start(code, position):
    """The brace that opens the body of a declaration, or None for a requirement without one."""
    depth = 0
    next_declaration = re.compile(
        r"\n\s*(?:@|//|\}|(?:package|private|fileprivate|internal|public|static|mutating|func|init|var|let|case|"
        r"associatedtype|subscript|struct|enum|class|extension)\b|$)")
    while position < len(code):
        character = code[position]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character == "{":
            return position
        elif depth == 0 and (character == "}" or next_declaration.match(code, position)):
            return None
        position += 1
    return None


def body_end(code, opening):
    """The brace that closes the one at `opening`."""
    end = closing(code, opening, "{", "}")
    return end.start() if end else len(code)
