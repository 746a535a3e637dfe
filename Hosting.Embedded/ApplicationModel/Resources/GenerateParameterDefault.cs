using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value, for passwords.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCase = "abcdefghijkmnopqrstuvwxyz";
    private const string UpperCase = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Punctuation = "-_.!~*+";

    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public override string GetDefaultValue()
    {
        var alphabet = string.Concat(
            Lower ? LowerCase : "",
            Upper ? UpperCase : "",
            Numeric ? Digits : "",
            Special ? Punctuation : "");

        // 22 characters of 55 or more carry at least 127 bits.
        return RandomNumberGenerator.GetString(alphabet.Length > 0 ? alphabet : LowerCase, Math.Max(MinLength, 22));
    }
}
