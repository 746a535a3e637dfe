namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that comes from outside the model: configuration, a user secret, a default.</summary>
/// <remarks>The value is read once, on first use, and kept: a generated password must be the same for everyone.</remarks>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);

        Secret = secret;
        _value = new Lazy<string>(() => callback(Default));
    }

    /// <summary>Used when nothing else gives a value.</summary>
    public ParameterDefault? Default { get; set; }

    public bool Secret { get; }

    public string ValueExpression => $"{{{Name}.value}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);

    ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken) => new(_value.Value);
}
