internal import OTLP

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The time of day; injected, so that tests set it.
protocol WallClock: Sendable {
    func now() -> UnixNanoseconds
}

/// The system's clock.
struct SystemClock: WallClock {
    func now() -> UnixNanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixNanoseconds(max(0, time.tv_sec)) * 1_000_000_000 + UnixNanoseconds(max(0, time.tv_nsec))
    }
}
