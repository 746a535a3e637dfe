namespace LlmdAspire.Router.Requests;

/// <summary>The latest things, a fixed number of them; the oldest makes room.</summary>
/// <remarks>Adding takes no lock and never waits; a reader may miss what is added while it reads.</remarks>
internal sealed class Ring<T>(int capacity)
    where T : class
{
    private readonly T?[] _items = new T?[capacity];
    private long _added;

    public void Add(T item) => Volatile.Write(ref _items[(Interlocked.Increment(ref _added) - 1) % capacity], item);

    /// <summary>Newest first.</summary>
    public IEnumerable<T> Newest()
    {
        var newest = Interlocked.Read(ref _added) - 1;
        for (var i = newest; i >= 0 && i > newest - capacity; i--)
        {
            if (Volatile.Read(ref _items[i % capacity]) is { } item)
            {
                yield return item;
            }
        }
    }
}
