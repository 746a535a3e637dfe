using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>The unit in which memory comes to the processor.</summary>
internal static class CacheLine
{
    /// <summary>64-bit words in a line of all processors of interest.</summary>
    public const int Words = 8;

    /// <summary>Asks for the line of a variable without waiting for it. A hint: where the runtime offers none (Arm), nothing happens.</summary>
    public static unsafe void Prefetch<T>(ref readonly T variable)
        where T : unmanaged
    {
        if (Sse.IsSupported)
        {
            // The variable may be moved meanwhile: then the wrong line comes, and nothing is read from it.
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in variable)));
        }
    }
}
