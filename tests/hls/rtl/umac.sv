// A lane of the U unit: TILE codes of u times a tile of x of both models each cycle, one multiplier a code, summed
// in packed groups of 8 and added to the dot product of the component in `slot`. `emit` selects what d0, d1 show.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module umac #(parameter TILE = 16, parameter SLOTS = 16) (
  input clk,
  input clear,
  input valid,
  input [3:0] slot,
  input [3:0] emit,
  input [8*TILE-1:0] codes,
  input [8*TILE-1:0] x0,
  input [8*TILE-1:0] x1,
  output reg signed [31:0] d0,
  output reg signed [31:0] d1
);
  localparam GROUPS = TILE / 8;
`ifdef SEEDED_UMAC  // 16 products of 127 * -128 need 19 bits
  localparam SUM = 18;
`else
  localparam SUM = 18 + $clog2(GROUPS);
`endif
  wire [18*GROUPS-1:0] groups0, groups1;
  genvar g;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : group
      packed_sum #(.N(8), .SHARED(8)) packed_sum (
        .clk(clk), .high(x1[64*g +: 64]), .low(x0[64*g +: 64]), .shared(codes[64*g +: 64]),
        .high_sum(groups1[18*g +: 18]), .low_sum(groups0[18*g +: 18]));
    end
  endgenerate

  reg signed [SUM-1:0] total0, total1, sum0, sum1;
  integer i;
  always @* begin
    total0 = 0;
    total1 = 0;
    for (i = 0; i < GROUPS; i = i + 1) begin
      total0 = total0 + $signed(groups0[18*i +: 18]);
      total1 = total1 + $signed(groups1[18*i +: 18]);
    end
  end

  reg [2:0] valids;
  reg [11:0] slots;
  reg signed [31:0] dots0 [0:SLOTS-1], dots1 [0:SLOTS-1];
  wire signed [31:0] next0 = dots0[slots[11:8]] + sum0, next1 = dots1[slots[11:8]] + sum1;
  integer k;
  always @(posedge clk) begin
    valids <= {valids[1:0], valid};
    slots <= {slots[7:0], slot};
    sum0 <= total0;
    sum1 <= total1;
    for (k = 0; k < SLOTS; k = k + 1)
      if (clear) begin
        dots0[k] <= 32'sd0;
        dots1[k] <= 32'sd0;
      end else if (valids[2] && slots[11:8] == k[3:0]) begin
        dots0[k] <= next0;
        dots1[k] <= next1;
      end
    d0 <= dots0[emit];
    d1 <= dots1[emit];
  end
endmodule
