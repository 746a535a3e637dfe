using System.Collections.Concurrent;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Which conversations may be continued by <see cref="Splice"/>: those whose shape was found to give the same tokens as the whole rendering. Thread-safe.</summary>
/// <remarks>
/// The first use of each shape is compared with the whole rendering, and so is every <see cref="CheckEvery"/>th later one. A shape that fails its first
/// comparison is rendered whole from then on. If one fails later, the template looks at something that shapes do not tell, and nothing of that model is
/// spliced again.
/// </remarks>
internal sealed class SpliceTrust
{
    public const int CheckEvery = 64;

    private const int MaxShapes = 4096;
    private const int MaxModels = 1024;

    private readonly ConcurrentDictionary<ulong, ShapeTrust> _shapes = new();
    private readonly ConcurrentDictionary<string, bool> _refusedModels = new();

    public bool Refuses(string model) => _refusedModels.Count >= MaxModels || _refusedModels.ContainsKey(model);

    public void Refuse(string model) => _refusedModels[model] = true;

    public ShapeTrust Of(ulong shape)
    {
        if (_shapes.Count >= MaxShapes)
        {
            // All are compared anew, which costs a whole rendering each and keeps no list of what is old.
            _shapes.Clear();
        }

        return _shapes.GetOrAdd(shape, static _ => new ShapeTrust());
    }
}
