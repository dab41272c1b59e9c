using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// One revoked certificate. RFC 5280 5.1.2.6. Forty bytes without a reference, so that a million of them is one array
/// and more of them go to a scratch stream as they are.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Revocation : IEquatable<Revocation>
{
    private const int EarliestYear = 1950;
    private const long None = 0;

    private readonly RevokedSerial _serial;
    private readonly long _date;
    private readonly long _invalidity;
    private readonly byte _reason;

    /// <param name="date">revocationDate: UTC, whole seconds, from 1950.</param>
    /// <param name="invalidity">invalidityDate: the same, or null.</param>
    /// <exception cref="ArgumentException">A date is not UTC, has a fraction of a second or lies before 1950.</exception>
    public Revocation(RevokedSerial serial, DateTimeOffset date, RevocationReason? reason = null, DateTimeOffset? invalidity = null)
        : this(serial, Seconds(date), (byte)(reason ?? 0), invalidity is { } known ? Seconds(known) : None)
    {
    }

    internal Revocation(RevokedSerial serial, long dateSeconds, byte reasonCode, long invaliditySeconds)
    {
        _serial = serial;
        _date = dateSeconds;
        _reason = reasonCode;
        _invalidity = invaliditySeconds;
    }

    public RevokedSerial Serial => _serial;

    /// <summary>When it was revoked. UTC, whole seconds.</summary>
    public DateTimeOffset Date => Time(_date);

    /// <summary>Null: unspecified.</summary>
    public RevocationReason? Reason => _reason == 0 ? null : (RevocationReason)_reason;

    /// <summary>Since when the key is or may be in other hands. RFC 5280 5.3.2.</summary>
    public DateTimeOffset? Invalidity => _invalidity == None ? null : Time(_invalidity);

    /// <summary>Seconds since 0001-01-01, as every date here.</summary>
    internal long DateSeconds => _date;

    /// <summary>Zero: none.</summary>
    internal long InvaliditySeconds => _invalidity;

    /// <summary>Zero: none.</summary>
    internal byte ReasonCode => _reason;

    public static bool operator ==(Revocation left, Revocation right) => left.Equals(right);

    public static bool operator !=(Revocation left, Revocation right) => !left.Equals(right);

    public bool Equals(Revocation other) => _serial.Equals(other._serial) && HasFactsOf(other);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Revocation other && Equals(other);

    public override int GetHashCode() => _serial.GetHashCode();

    /// <summary><c>1a2b, 2026-11-22 13:15:00 UTC, keyCompromise, invalid since 2026-11-01 00:00:00 UTC</c>.</summary>
    public override string ToString() =>
        $"{_serial}, {Date:yyyy-MM-dd HH:mm:ss} UTC, {RevocationReasons.NameOf(Reason)}"
        + (Invalidity is { } since ? $", invalid since {since:yyyy-MM-dd HH:mm:ss} UTC" : "");

    /// <summary>Whether all but the serial is the same.</summary>
    internal bool HasFactsOf(in Revocation other) => _date == other._date && _reason == other._reason && _invalidity == other._invalidity;

    internal static long Seconds(DateTimeOffset time) =>
        time.Offset == TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerSecond == 0 && time.Year >= EarliestYear
            ? time.Ticks / TimeSpan.TicksPerSecond
            : throw new ArgumentException($"{time:O} is not a UTC time of whole seconds from {EarliestYear}.", nameof(time));

    internal static DateTimeOffset Time(long seconds) => new(seconds * TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
