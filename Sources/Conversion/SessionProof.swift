internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The second pass: reads a staged session back, compares it with its source, and stages its carry.
struct SessionProof {
  private let conversion: SessionConversion

  init(_ conversion: SessionConversion) { self.conversion = conversion }

  /// Reads a staged session back and compares it with its source, and stages its carry.
  func compare(_ staged: StagedSession) throws(FormatError) -> ComparedSession {
    let writer = staged.writer
    let trailing = staged.openingCount + writer.trailingEntryCount
    if let native = staged.native, trailing == 0 {
      let count = staged.counts.reduce(0) { $0 + Int($1) }
      if let written = try WrittenRecords.exact(
        try writer.readBack(), native, count: count,
        tracksPrefixes: staged.existing != nil, conversion.interruption)
      {
        return ComparedSession(written: written, header: try returnCarry(staged))
      }
    }
    let source: any SessionReader
    if let retained = staged.retained {
      source = retained
    } else {
      source = try conversion.makeReader(staged.id, staged.wayBack)
    }
    let target = try writer.readBack()
    var readBack = ReadBack(
      sourceHead: source.head, targetHead: target.head, sourceFormat: conversion.sourceFormat,
      targetFormat: conversion.targetFormat, isReturn: staged.isReturn, original: staged.original,
      carries: conversion.options.carries && conversion.sourceID != conversion.targetID,
      tracksPrefixes: staged.existing != nil)
    try readBack.run(
      source, target, counts: staged.counts, trailing: trailing,
      interruption: conversion.interruption
    ) { (chunk) throws(FormatError) in
      try writer.appendCarry(chunk)
    }
    return ComparedSession(
      written: readBack.written, losses: readBack.losses, fidelity: readBack.fidelity,
      header: try passOnCarries(staged, &readBack))
  }

  /// Stages the carry that a session gets back, if it had one; gives its header.
  private func returnCarry(_ staged: StagedSession) throws(FormatError) -> CarryHeader? {
    guard conversion.options.carries, let carry = try staged.wayBack?.returned() else { return nil }
    while let chunk = try carry.nextStoredChunk() { try staged.writer.appendCarry(chunk) }
    return carry.header.header
  }

  /// Stages the carries that others have stored with the session, after its own items; gives the header
  /// of all.
  private func passOnCarries(
    _ staged: StagedSession, _ readBack: inout ReadBack
  ) throws(FormatError) -> CarryHeader? {
    func header(_ chain: [String] = [], _ own: [String] = []) -> CarryHeader? {
      readBack.header(id: staged.id, source: staged.fingerprint, chain: chain, own: own)
    }
    guard readBack.chunks != nil else { return header() }
    if readBack.isWhatItWas { return try returnCarry(staged) }
    // The records that were read get their carry back when they come back.
    let ofOriginals: CarryCursor?
    if let wayBack = staged.wayBack {
      ofOriginals = try wayBack.added()
    } else {
      ofOriginals = staged.carry == nil ? nil : try conversion.source.reader(for: staged.id).carry()
    }
    let own = try staged.wayBack?.returned()
    for (carry, isOriginals) in [(ofOriginals, true), (own, false)] {
      guard let carry else { continue }
      try readBack.passOn(carry, ofOriginals: isOriginals) { (chunk) throws(FormatError) in
        try staged.writer.appendCarry(chunk)
      }
    }
    return header(ofOriginals?.header.header?.formats ?? [], own?.header.header?.formats ?? [])
  }
}
