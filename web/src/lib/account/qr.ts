/* qr.ts - a QR code as the path of an SVG image, a unit for each of its modules. What draws it comes only when it is needed. */

export interface QrImage {
    size: number;
    path: string;
}

export async function qrImage(text: string): Promise<QrImage> {
    const { encode } = await import("uqr");
    const { size, data } = encode(text, { ecc: "M", border: 2 });
    const path = data
        .map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join(""))
        .join("");
    return { size, path };
}
