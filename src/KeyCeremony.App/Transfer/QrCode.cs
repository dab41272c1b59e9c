using QRCoder;

namespace KeyCeremony.App.Transfer;

/// <summary>One code as modules, its quiet zone included. Light is lit: an inverted code fails in common readers.</summary>
internal sealed class QrCode
{
    private readonly QRCodeData _data;

    private QrCode(QRCodeData data) => _data = data;

    /// <summary>Modules from edge to edge.</summary>
    public int Side => _data.ModuleMatrix.Count;

    public bool IsLit(int row, int column) => !_data.ModuleMatrix[row][column];

    /// <param name="text">Upper-case letters, digits and a few signs: alphanumeric mode.</param>
    /// <exception cref="QRCoder.Exceptions.DataTooLongException">The text does not fit the version.</exception>
    public static QrCode Of(string text, int version) =>
        new(QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L, requestedVersion: version));

    /// <summary>The picture for a file or for paper.</summary>
    public byte[] Png(int pixelsPerModule)
    {
        using var picture = new PngByteQRCode(_data);
        return picture.GetGraphic(pixelsPerModule);
    }
}
