extension JSONWriter {
  /// A whole number.
  public mutating func int(_ value: Int) { int(Int64(value)) }

  /// A whole number.
  public mutating func int(_ value: Int64) {
    beginValue()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    appendDigits(value.magnitude)
  }

  /// A whole number that is not negative.
  public mutating func uint(_ value: UInt64) {
    beginValue()
    appendDigits(value)
  }

  /// The shortest decimal that reads back as the same double, laid out as Go does.
  ///
  /// Whole numbers have no fraction (`5`), magnitudes below 1e-6 or from 1e21 on an exponent.
  /// Infinity and NaN, which JSON cannot express, are written as `null`.
  public mutating func double(_ value: Double) {
    guard value.isFinite else {
      null()
      return
    }
    beginValue()
    if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
    if value == 0 {
      bytes.append(UInt8(ascii: "0"))
      return
    }
    // digits[0].digits[1...] × 10^exponent, without zeros at either end.
    var (digits, exponent) = Self.decimal(value.magnitude)
    if value.magnitude < 1e-6 || value.magnitude >= 1e21 {
      bytes.append(digits.removeFirst())
      if !digits.isEmpty {
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: digits)
      }
      append(exponent < 0 ? "e-" : "e+")
      appendDigits(UInt64(exponent.magnitude))
    } else if exponent < 0 {
      append("0.")
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent - 1))
      bytes.append(contentsOf: digits)
    } else {
      let whole = exponent + 1
      bytes.append(contentsOf: digits.prefix(whole))
      if digits.count > whole {
        bytes.append(UInt8(ascii: "."))
        bytes.append(contentsOf: digits.dropFirst(whole))
      } else {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: whole - digits.count))
      }
    }
  }

  private static func decimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var exponent = -1
    var hasPoint = false
    let text = value.description
    let mantissa = text.prefix { $0 != "e" }
    for byte in mantissa.utf8 {
      if byte == UInt8(ascii: ".") {
        hasPoint = true
      } else if digits.isEmpty && byte == UInt8(ascii: "0") {
        if hasPoint { exponent -= 1 }
      } else {
        digits.append(byte)
        if !hasPoint { exponent += 1 }
      }
    }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    let written = Int(text.dropFirst(mantissa.count + 1)) ?? 0
    return (digits, exponent + written)
  }

  private mutating func appendDigits(_ value: UInt64) {
    if value < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
      return
    }
    var count = 2
    var limit: UInt64 = 100
    while count < 20, value >= limit {
      count += 1
      limit &*= 10
    }
    bytes.append(addingCapacity: count) { output in
      unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
        var rest = value
        var index = filled &+ count
        while index > filled {
          index &-= 1
          unsafe buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
          rest /= 10
        }
        filled &+= count
      }
    }
  }
}
