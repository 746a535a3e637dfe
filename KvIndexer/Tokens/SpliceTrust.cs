using System.Collections.Concurrent;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Which conversations may be continued by <see cref="Splice"/>: those whose shape was found to give the same tokens as the whole rendering. Thread-safe.</summary>
/// <remarks>
/// The first use of each shape is compared with the whole rendering, and so is every <see cref="CheckEvery"/>th later one. A shape that fails its first
/// comparison is rendered whole from then on. If one fails later, the template looks at something that shapes do not tell, and nothing of that model is
/// spliced again. Once <see cref="MaxModels"/> models are refused, nothing of any model is: a client makes up names as it likes, and the list ends somewhere.
/// </remarks>
internal sealed class SpliceTrust
{
    public const int CheckEvery = 64;

    private const int MaxShapes = 4096;
    private const int MaxModels = 1024;

    private readonly ConcurrentDictionary<ulong, ShapeTrust> _shapes = new();
    private readonly ConcurrentDictionary<string, bool> _refusedModels = new();

    // Counted here, because the dictionaries take all of their locks to count.
    private int _shapeCount;
    private int _refusedCount;

    public bool Refuses(string model) => Volatile.Read(ref _refusedCount) >= MaxModels || _refusedModels.ContainsKey(model);

    public void Refuse(string model)
    {
        if (_refusedModels.TryAdd(model, true))
        {
            _ = Interlocked.Increment(ref _refusedCount);
        }
    }

    public ShapeTrust Of(ulong shape)
    {
        if (_shapes.TryGetValue(shape, out var known))
        {
            return known;
        }

        if (Volatile.Read(ref _shapeCount) >= MaxShapes)
        {
            // All are compared anew, which costs a whole rendering each and keeps no list of what is old.
            _shapes.Clear();
            Volatile.Write(ref _shapeCount, 0);
        }

        var added = new ShapeTrust();
        var trust = _shapes.GetOrAdd(shape, added);
        if (trust == added)
        {
            _ = Interlocked.Increment(ref _shapeCount);
        }

        return trust;
    }
}
