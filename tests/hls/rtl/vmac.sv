// LANES lanes of the V unit, one gate, 8 units, two models: each lane takes 8 codes of v and a p of each model, two
// codes share the multiplier of a p, two lanes are summed before the split. `last` ends a tile of h: the sums appear
// as sums[model][unit] and the next word starts from zero.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module vmac #(parameter LANES = 2, parameter P = 10) (
  input clk,
  input valid,
  input last,
  input [64*LANES-1:0] codes,
  input [P*LANES-1:0] p0,
  input [P*LANES-1:0] p1,
  output reg [511:0] sums
);
  localparam PAIRS = LANES / 2;
  localparam SUM = 18 + $clog2(PAIRS);
  reg [2:0] valids, lasts;
  reg fresh = 1'b1;
  always @(posedge clk) begin
    valids <= {valids[1:0], valid};
    lasts <= {lasts[1:0], last};
    if (valids[2]) fresh <= lasts[2];
  end

  genvar m, j, q;
  generate
    for (m = 0; m < 2; m = m + 1) begin : model
      wire [P*LANES-1:0] p = m ? p1 : p0;
      for (j = 0; j < 4; j = j + 1) begin : units
        wire [18*PAIRS-1:0] odd, even;
        for (q = 0; q < PAIRS; q = q + 1) begin : pair
          wire [63:0] lane0 = codes[128*q +: 64], lane1 = codes[128*q + 64 +: 64];
          packed_sum #(.N(2), .SHARED(P)) packed_sum (
            .clk(clk), .high({lane1[16*j + 8 +: 8], lane0[16*j + 8 +: 8]}),
            .low({lane1[16*j +: 8], lane0[16*j +: 8]}), .shared(p[2*P*q +: 2*P]),
            .high_sum(odd[18*q +: 18]), .low_sum(even[18*q +: 18]));
        end
        accumulator #(.PAIRS(PAIRS), .SUM(SUM)) low (
          .clk(clk), .valid(valids[2]), .fresh(fresh), .terms(even), .acc(sums[32*(8*m + 2*j) +: 32]));
        accumulator #(.PAIRS(PAIRS), .SUM(SUM)) high (
          .clk(clk), .valid(valids[2]), .fresh(fresh), .terms(odd), .acc(sums[32*(8*m + 2*j + 1) +: 32]));
      end
    end
  endgenerate
endmodule

// acc of one gate output and model: PAIRS packed sums a word.
module accumulator #(parameter PAIRS = 1, parameter SUM = 18) (
  input clk, input valid, input fresh, input [18*PAIRS-1:0] terms, output reg signed [31:0] acc
);
  reg signed [SUM-1:0] total, sum;
  integer i;
  always @* begin
    total = 0;
    for (i = 0; i < PAIRS; i = i + 1) total = total + $signed(terms[18*i +: 18]);
  end
  always @(posedge clk) begin
    sum <= total;
`ifdef SEEDED_VMAC  // a tile starts from the sums of the one before
    if (valid) acc <= acc + sum;
`else
    if (valid) acc <= (fresh ? 32'sd0 : acc) + sum;
`endif
  end
endmodule
