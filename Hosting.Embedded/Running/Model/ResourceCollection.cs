using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

internal sealed class ResourceCollection() : Collection<IResource>(new CopyOnWriteList<IResource>()), IResourceCollection
{
    public bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
        => (resource = this.FirstOrDefault(r => ModelName.Comparer.Equals(r.Name, name))) is not null;

    protected override void InsertItem(int index, IResource item)
    {
        if (TryGetByName(item.Name, out var other))
        {
            throw new DistributedApplicationException($"There are two resources named '{item.Name}' ({other.GetType().Name} and {item.GetType().Name}); give one another name.");
        }

        base.InsertItem(index, item);
    }
}
