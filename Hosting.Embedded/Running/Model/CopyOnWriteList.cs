using System.Collections;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>A list that may be read while it is written: a reader keeps the items it started with.</summary>
internal sealed class CopyOnWriteList<T> : IList<T>
{
    private readonly Lock _lock = new();
    private volatile T[] _items = [];

    public int Count => _items.Length;

    public bool IsReadOnly => false;

    public T this[int index]
    {
        get => _items[index];
        set => Change(items => items[index] = value);
    }

    public void Add(T item) => Change(items => items.Add(item));

    public void Insert(int index, T item) => Change(items => items.Insert(index, item));

    public bool Remove(T item)
    {
        var removed = false;
        Change(items => removed = items.Remove(item));
        return removed;
    }

    public void RemoveAt(int index) => Change(items => items.RemoveAt(index));

    public void Clear() => Change(items => items.Clear());

    public bool Contains(T item) => Array.IndexOf(_items, item) >= 0;

    public int IndexOf(T item) => Array.IndexOf(_items, item);

    public void CopyTo(T[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    private void Change(Action<List<T>> change)
    {
        lock (_lock)
        {
            var items = _items.ToList();
            change(items);
            _items = [.. items];
        }
    }
}
