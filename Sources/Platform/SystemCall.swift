/// System calls whose names clash with methods of their callers.
package enum SystemCall {
    /// open(2). Creates or opens a file; negative on failure.
    package static func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, flags, mode_t(mode))
        #elseif canImport(Musl)
        Musl.open(path, flags, mode_t(mode))
        #else
        Darwin.open(path, flags, mode_t(mode))
        #endif
    }

    /// write(2). The number of bytes that the descriptor took; negative on failure.
    package static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

extension stat {
    /// When the file was written last.
    package var modificationTime: timespec {
        #if canImport(Darwin)
        st_mtimespec
        #else
        st_mtim
        #endif
    }
}
